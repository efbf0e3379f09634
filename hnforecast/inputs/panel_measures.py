"""Names of the published measures, file by file, as their publishers spell them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hnforecast.inputs.cut_rows import SECTORS

PLACEMENTS = (
    *(
        f"mainstream_{school}{unit}"
        for school in ("la_maintained", "academy", "free_school")
        for unit in ("", "_resourced_provision", "_senunit")
    ),
    *("mainstream_independent", "mainstream_total", "special_la_maintained", "special_academy_free"),
    *("special_academy", "special_free_school"),  # the parts of special_academy_free, from the 2026 edition
    *("special_independent", "special_non_maintained", "special_total"),
    *("ap_pru_academy", "ap_pru_free_school", "ap_pru_la_maintained", "ap_pru_total"),
    *("general_fe_tertiary_colleges", "specialist_post_16_institutions", "ukrlp_provider", "fe_total"),
    *("elective_home_education", "other_arrangements_la", "other_arrangements_parents", "online_provider"),
    *("w_settings", "other_schools", "other_placement_settings", "neet", "neet_ntci", "neet_other", "neet_other_csa"),
    *("ed_elsewhere", "nm_early_years", "placement_unknown", "await_prov_2022", "perm_ex_2022"),
)
# Subtotals of those, as published: every row of every edition so far adds up.
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        total: tuple(name for name in PLACEMENTS if name.startswith(total.removesuffix("total")) and name != total)
        for total in PLACEMENTS
        if total.endswith("_total")
    }
    | {"fe_total": ("general_fe_tertiary_colleges", "specialist_post_16_institutions", "ukrlp_provider")}
)
MAIN = (
    *("mainstream_total", "special_total", "special_independent", "special_non_maintained", "ap_pru_total"),
    *("fe_total", "ed_elsewhere", "nm_early_years", "placement_unknown"),
)
CEASED = (
    *("max_age", "needs_met", "he", "employ", "transfer", "no_engage", "moved_outside_eng", "deceased", "not_rec"),
    *("other", "total_ceased"),
)
NEEDS = (
    *("number_asd", "number_hi", "number_mld", "number_msi", "number_oth", "number_pd", "number_pmld", "number_semh"),
    *("number_slcn", "number_sld", "number_spld", "number_vi", "number_need_unknown"),
)
REQUESTS = (
    *("requests_received_in_year", "requests_decided_to_assess", "requests_decided_not_to_assess"),
    *("requests_decision_not_made", "requests_withdrawn"),
)
TIMELINESS = (
    *REQUESTS,
    *("requests_rya", "request_outcome_six_weeks", "request_outcome_over_6_weeks", "mediation_related_request"),
    *("tribunal_related_request", "assess_in_year", "assess_issued", "assess_not_issued", "assess_not_made"),
    *("assess_withdrawn", "outcome_decision_within_time", "outcome_decision_over_time", "plans_issued_den"),
    *("plans_issued_den_ex", "plans_issued_within_20_weeks", "plans_issued_20_weeks_ex"),
    *("pc_plans_issued_within_20_weeks", "pc_plans_issued_20_weeks_ex", "plans_issued_gt20weeks_ltyear"),
    *("plans_issued_gt_1_year", "total_ceased", "new_ehc_plans"),
)
LEDGER = ("educational_psychology_2_1_1_gbp", "sen_admin_2_1_2_gbp", "sen_transport_2_1_4_gbp")
PHASE_TRANSFERS = ("number_plans", "due_25", "due_26", "final_25", "final_26")
REVIEWS = (
    *("total_ehc_plans", "review_expected_2025", "review_not_expected_2025", "review_completed_2025"),
    *("review_completed_prior_2025", "review_not_completed", "outcome_amended", "outcome_ceased"),
    *("outcome_maintained", "no_outcome_recorded", "decision_4_weeks", "decision_over_4_weeks"),
)
DSG = tuple(
    f"{block}_{basis}"
    for basis in ("before_recoupment", "after_deductions")
    for block in ("schools_block", "cssb", "high_needs_block", "early_years_block", "total_dsg")
)
S251_BUCKETS = (
    *("isb_and_place_funding_line_1_0", "high_needs_lines_1_2", "central_and_dedelegated_lines_1_1_1_4_to_1_7"),
    *("early_years_lines_1_3", "other_education_lines_2"),
)
S251_DETAIL = tuple(
    f"s251_{basis}_2021_22_{name}"
    for basis in ("budget", "outturn")
    for name in (
        *("place_funding", *(f"place_{sector}" for sector in SECTORS)),
        *("topup_state", *(f"topup_state_{sector}" for sector in (*SECTORS, "income"))),
        *("topup_indep", *(f"topup_indep_{sector}" for sector in (*SECTORS, "income"))),
        *("sen_support_inclusion", "alternative_provision", "hospital_education", "therapies_health"),
    )
)
EHC_2021 = (
    *("population_2_18_mid2021", "ehc_plans_jan_2021", "ehc_mainstream", "ehc_rp_unit", "ehc_special_state"),
    *("ehc_nmss_independent", "ehc_hospital_ap", "ehc_post16", "ehc_other"),
)
INFO = (
    "newallehc", "newallehc_pc", "newallehc_assnoneehc_sum", "assnoneehc", "assnoneehc_pc", "assnodecisionehc",
    "assrefusedehc", "assrefusedehc_pc", "assnone", "assnodecision", "assrefused", "mtosi", "sitom", "mtopar",
    "sitopar", "dislea", "dismet", "disoth", "disleft", "mtosiehc", "sitomehc", "mtoparehc", "sitoparehc",
    "disleaehc", "dismetehc", "disothehc", "disleftehc", "inreqehc", "inreqryaehc", "totincexcehc",
    "incexc20weekehc", "incexc20weekrate", "totnoexcehc", "noexc20weekehc", "noexc20weekrate", "totincexc",
    "incexc26week", "totnoexc", "noexc26week", "statementstoehc", "statementstonoehc", "personalbudgets",
    "orgarrangements", "directpayeducation", "directpaysocialcare", "directpayhealth", "directpayintegrated",
    "newehcmediation", "newehctribunal", "newehctribunal_pc",
)  # fmt: skip
DASHBOARD = (
    "ass_nodecision", "ass_nodecision_ehc", "ass_none", "ass_none_ehc", "ass_none_ehc_pc", "ass_refused",
    "ass_refused_ehc", "ass_refused_ehc_pc", "assessment_mediation", "assessment_tribunal", "assessment_w",
    "assessments", "direct_pay_education", "direct_pay_health", "direct_pay_integrated", "direct_pay_socialcare",
    "discontinued_abroad", "discontinued_age", "discontinued_deceased", "discontinued_employment",
    "discontinued_unknown", "discontinued_engage", "discontinued_he", "discontinued_lea", "discontinued_lea_ehc",
    "discontinued_lea_noncomp", "discontinued_left", "discontinued_left_ehc", "discontinued_met",
    "discontinued_met_ehc", "discontinued_met_noncomp", "discontinued_other", "discontinued_other_ehc",
    "discontinued_other_noncomp", "discontinued_total", "inc_exc_20week_ehc", "inc_exc_20week_rate",
    "inc_exc_26week", "inreq_ehc", "inreq_ehc_a", "inreq_ehc_w", "inreq_ehc_y", "inreq_rya_ehc",
    "mainstream_to_home", "mainstream_to_home_ehc", "mainstream_to_special", "mainstream_to_special_ehc",
    "new_all_ehc", "new_all_ehc_ass_none_ehc_sum", "new_all_ehc_pc", "no_exc_20week_ehc", "no_exc_20week_rate",
    "no_exc_26week", "org_arrangements", "other_mediation", "other_tribunal", "total_tribunal", "personal_budgets",
    "request_mediation", "request_tribunal", "special_to_home", "special_to_home_ehc", "special_to_mainstream",
    "special_to_mainstream_ehc", "statements_no_ehc", "statements_to_ehc", "tot_inc_exc", "tot_inc_exc_ehc",
    "tot_no_exc", "tot_no_exc_ehc", "total_mediation", "total_tribunal_followed_mediation", "total_tribunal_pc",
)  # fmt: skip
