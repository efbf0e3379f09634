@echo off
rem Runs hnforecast on Windows without admin rights. Double-click it for a menu, or type in this folder
rem     hnforecast check
rem What it needs is kept in the folder .venv beside this file and in your user profile.
setlocal EnableExtensions DisableDelayedExpansion
pushd "%~dp0" || (echo This folder cannot be opened. & pause & exit /b 3)
set "PYTHONUTF8=1"
rem Network and OneDrive folders do not take hard links.
set "UV_LINK_MODE=copy"

set "LAUNCH=uv"
where uv >nul 2>nul && goto ready
set "LAUNCH=py -m uv"
py -m uv --version >nul 2>nul && goto ready
echo The first run fetches the program "uv" for your user only. No admin rights are needed.
py -m pip install --user --quiet uv && goto ready
echo.
echo Python 3.11 or later was not found, or it may not fetch packages on this machine.
echo Ask your IT service for Python 3.11 or later, so that "py" works in a command window, then try again.
popd
pause
exit /b 3

:ready
if not "%~1"=="" goto typed

:menu
echo.
echo   hnforecast: the high needs forecast of this folder
echo.
echo   1  Run the forecast
echo   2  Check the files
echo   3  Monitor a quarter
echo   4  Make the return of a quarter
echo   5  Open the folder of results
echo   6  Help
echo   7  Leave
echo.
choice /c 1234567 /n /m "Press a number: "
if errorlevel 255 goto leave
if errorlevel 7 goto leave
if errorlevel 6 goto help
if errorlevel 5 goto results
if errorlevel 4 goto return
if errorlevel 3 goto monitor
if errorlevel 2 goto check
if errorlevel 1 goto run
goto leave

:run
%LAUNCH% run --no-dev hnforecast run
goto done

:check
%LAUNCH% run --no-dev hnforecast check
goto done

:monitor
call :ask
if not defined PERIOD goto menu
%LAUNCH% run --no-dev hnforecast monitor "%PERIOD%"
goto done

:return
call :ask
if not defined PERIOD goto menu
%LAUNCH% run --no-dev hnforecast return "%PERIOD%"
goto done

:results
if not exist "%~dp0outputs\" mkdir "%~dp0outputs"
start "" "%~dp0outputs"
goto menu

:help
%LAUNCH% run --no-dev hnforecast --help
echo.
echo   In a command window in this folder: hnforecast COMMAND --help
goto done

:done
set "CODE=%ERRORLEVEL%"
echo.
if "%CODE%"=="0" (echo   Done. What was written is in the folder "outputs".) else (echo   It stopped with exit code %CODE%. The lines above say why.)
pause
goto menu

:ask
set "PERIOD="
set /p "PERIOD=Quarter, such as 2025-26-Q2 (nothing goes back): "
rem A quotation mark would end the word too early.
if defined PERIOD set "PERIOD=%PERIOD:"=%"
exit /b 0

:leave
popd
exit /b 0

:typed
%LAUNCH% run --no-dev hnforecast %*
set "CODE=%ERRORLEVEL%"
popd
exit /b %CODE%
