"""Write the page: `python -m scripts.isolation_matrix`."""

from scripts.isolation_matrix.matrix import read_matrix
from scripts.isolation_matrix.page import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(read_matrix()), encoding="utf-8")
