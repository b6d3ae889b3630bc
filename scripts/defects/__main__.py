"""Write the page: `python -m scripts.defects`."""

from scripts.defects.page import PAGE, page
from scripts.defects.table import read_table

if __name__ == "__main__":
    PAGE.write_text(page(read_table()), encoding="utf-8")
