"""A plan that was carried out before: when its run stands as it is, and nothing needs to be read or asked again."""

from collections.abc import Mapping
from typing import Any, get_args

from judge.api.grading.plan import Plan
from judge.api.grading.recording import Recorded, warnings_of
from judge.api.versions import library_versions, program_hash
from judge.call.request import FailureStatus
from judge.errors import StoreError
from judge.store.manifest import changed_files, read_manifest, write_manifest

_BASELINES = "baselines.parquet"


def finished_run(plan: Plan) -> Recorded | None:
    """Return the plan's run where carrying it out again would write the same files; None where it has to be done.

    It would where the run is complete, its files are what the manifest says, no verdict failed for want of a reply,
    and this very program made it. The manifest then says that this invocation asked nothing.
    """
    try:
        manifest = read_manifest(plan.folder)
    except StoreError:
        return None
    if not _stands(plan, manifest) or changed_files(plan.folder, manifest):
        return None
    manifest["cost"]["this_invocation"] = {"sent": 0, "replayed": 0, "failed": 0}
    write_manifest(plan.folder, manifest)
    return Recorded(manifest, warnings_of(plan, manifest), None)


def _stands(plan: Plan, manifest: Mapping[str, Any]) -> bool:
    return (
        manifest["complete"] is True
        and not plan.answers.n_beyond_limit
        and manifest["plan_hash"] == plan.hash
        and manifest.get("program") == program_hash()
        and manifest["versions"] == library_versions()
        and (_BASELINES in manifest["files"]) == plan.options.with_baselines
        and not set(get_args(FailureStatus)) & manifest["counts"]["verdicts"].keys()
    )
