"""ECG-Expert-QA: eleven JSON files that the user obtained → cases."""

from judge.dataset.ecg_expert_qa.loader import DATASET, Imported, import_folder
from judge.dataset.ecg_expert_qa.tables import Tables, load_tables

__all__ = ["DATASET", "Imported", "Tables", "import_folder", "load_tables"]
