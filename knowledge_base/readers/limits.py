"""How much of a file is taken, and why. The setting `upload_bytes` may lower or raise the first."""

MAX_FILE_BYTES = 20 * 1024 * 1024  # some 100,000 entries; more comes as several files
MAX_ROWS = 1_000_000
MAX_COLUMNS = 200  # a sheet of questions has four; 16,384 empty ones must not cost memory
MAX_CELL_CHARACTERS = (
    32_000  # Excel holds 32,767, and an export may need one more for an apostrophe
)
MAX_ID_CHARACTERS = 128
MAX_JSON_DEPTH = 32
MAX_PROBLEMS = 10_000  # faulty rows; with more, a file is of another kind than it says
HEADER_WITHIN_ROWS = 10  # titles and notes that a spreadsheet may have above its header
PREVIEW_ROWS = 5

MAX_ARCHIVE_ENTRIES = 200
MAX_ARCHIVE_BYTES = 200 * 1024 * 1024  # inflated, declared and counted
MAX_ARCHIVE_RATIO = 100  # text deflates by 3 to 20

CHILD_MEMORY_BYTES = 512 * 1024 * 1024
CHILD_CPU_SECONDS = 60
CHILD_WALL_SECONDS = 120
MAX_CHILD_OUTPUT_BYTES = 128 * 1024 * 1024  # the text of the largest file, as JSON
