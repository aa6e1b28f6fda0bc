"""Makes penguins.csv from the raw measurements that the PyPI package palmerpenguins ships.

    pip download --no-deps palmerpenguins==0.1.6
    python3 demo/make_penguins.py palmerpenguins-0.1.6-py3-none-any.whl > demo/penguins.csv

Only the standard library is used. The raw file carries the date of the egg, which the tidy file of the same
package leaves out; apart from it, the clutch and the sample, every row is checked against that tidy file.
"""

import csv
import hashlib
import io
import sys
import zipfile

RAW = "palmerpenguins/data/penguins-raw.csv"
TIDY = "palmerpenguins/data/penguins.csv"
RAW_SHA256 = "144f623143c9360fd77322a4f86acb06dc198814dbd2669724c63e6457b907bd"

COLUMNS = [
    "species",
    "island",
    "bill_length_mm",
    "bill_depth_mm",
    "flipper_length_mm",
    "body_mass_g",
    "sex",
    "year",
    "date_egg",
    "clutch_completion",
    "study",
    "sample",
]


def tidy(raw):
    """One row with short names, lower-case words and empty cells where nothing was measured."""

    def value(name):
        return "" if raw[name] == "NA" else raw[name]

    return {
        "species": raw["Species"].split()[0],
        "island": raw["Island"],
        "bill_length_mm": value("Culmen Length (mm)"),
        "bill_depth_mm": value("Culmen Depth (mm)"),
        "flipper_length_mm": value("Flipper Length (mm)"),
        "body_mass_g": value("Body Mass (g)"),
        "sex": value("Sex").lower(),
        "year": raw["Date Egg"][:4],
        "date_egg": raw["Date Egg"],
        "clutch_completion": raw["Clutch Completion"].lower(),
        "study": raw["studyName"],
        "sample": raw["Sample Number"],
    }


def rows_of(package, name):
    return list(csv.DictReader(io.StringIO(package.read(name).decode("utf-8"))))


def same(ours, theirs):
    """Whether a cell is the same once numbers are numbers and NA is nothing."""
    theirs = "" if theirs == "NA" else theirs
    try:
        return float(ours) == float(theirs)
    except ValueError:
        return ours == theirs


def main():
    with zipfile.ZipFile(sys.argv[1]) as package:
        if hashlib.sha256(package.read(RAW)).hexdigest() != RAW_SHA256:
            sys.exit("this is not the raw file that penguins.csv was made from")
        rows = [tidy(row) for row in rows_of(package, RAW)]
        reference = rows_of(package, TIDY)
    if len(rows) != len(reference):
        sys.exit(f"{len(rows)} raw rows, but {len(reference)} tidy ones")
    for number, (row, other) in enumerate(zip(rows, reference), start=1):
        for column, cell in other.items():
            if not same(row[column], cell):
                sys.exit(f"row {number}, {column}: {row[column]!r} is not {cell!r}")
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


if __name__ == "__main__":
    main()
