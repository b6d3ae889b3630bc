"""Write the page: `python -m scripts.fault_matrix [REPORT.xml ...]`, from the reports if given."""

import sys
from pathlib import Path

from scripts.fault_matrix.faults import read_faults
from scripts.fault_matrix.page import PAGE, page
from scripts.fault_matrix.results import keep, kept, read_reports


def main(reports: list[Path]) -> None:
    """Store the results of reports, and write the page from the stored results."""
    if reports:
        keep(read_reports(reports))
    PAGE.write_text(page(read_faults(), kept()), encoding="utf-8")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
