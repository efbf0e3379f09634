@echo off
rem Runs hnforecast on Windows without admin rights: double-click it to run the forecast, or type
rem     hnforecast check
rem in this folder. What it needs is kept in the folder .venv beside this file and in your user profile.
setlocal
pushd "%~dp0" || (echo This folder cannot be opened. & pause & exit /b 3)
set PYTHONUTF8=1
rem Network and OneDrive folders do not take hard links.
set UV_LINK_MODE=copy

set "LAUNCH=uv"
where uv >nul 2>nul && goto ready
set "LAUNCH=py -m uv"
py -m uv --version >nul 2>nul && goto ready
echo The first run fetches the program "uv" for your user only. No admin rights are needed.
py -m pip install --user --quiet uv && goto ready
echo.
echo Python 3.11 or later was not found, or it may not fetch packages on this machine.
echo Ask your IT service for Python 3.11 or later ("py" must work in a command window), then try again.
popd
pause
exit /b 3

:ready
if not "%~1"=="" goto typed
%LAUNCH% run --no-dev hnforecast run
set "CODE=%ERRORLEVEL%"
echo.
if "%CODE%"=="0" (echo The results are in the folder "outputs".) else (echo It stopped with exit code %CODE%. The lines above say why.)
popd
pause
exit /b %CODE%

:typed
%LAUNCH% run --no-dev hnforecast %*
set "CODE=%ERRORLEVEL%"
popd
exit /b %CODE%
