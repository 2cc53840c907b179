#!/usr/bin/env python3
"""The rule of the house: a layer includes only layers below it, a third-party header stands in one layer only, only the
command line touches the terminal and the environment, no file grows past what one can read, and a page or a heading that is
named is there. Prints file:line of each breach.

usage: check_layers.py [ROOT]
"""

import functools
import re
import sys
from pathlib import Path

MAY_INCLUDE = {
    "base": set(),
    "net": {"base"},
    "rows": {"base"},
    "aws": {"base", "net", "rows"},
    "warehouse": {"base", "net", "rows"},
    "archive": {"base", "net", "aws"},
    "mailchimp": {"base", "net", "rows"},
    "generate": {"base", "rows", "warehouse", "mailchimp"},
    "run": {"base", "net", "aws", "warehouse", "archive", "mailchimp"},
    "inventory": {"base", "rows", "archive", "mailchimp", "run"},
    "client": {"base", "net", "mailchimp", "run", "inventory"},
    "pull": {"base", "net", "rows", "archive", "mailchimp", "run", "inventory", "client"},
    "load": {"base", "rows", "warehouse", "archive", "mailchimp", "run", "inventory"},
    "certificate": {"base", "archive", "mailchimp", "run", "inventory"},
    "verify": {"base", "net", "rows", "warehouse", "archive", "mailchimp", "run", "inventory", "client", "load", "certificate"},
    "sync": {"base", "rows", "warehouse", "archive", "mailchimp", "run", "inventory", "client", "pull", "load", "certificate", "verify"},
    "cli": {"base", "net", "aws", "rows", "warehouse", "archive", "mailchimp", "generate", "run", "certificate", "sync"},
    "main": {"base", "cli"},
}
HOME_OF_HEADER = {
    r"curl/": "net",
    r"duckdb": "warehouse",
    r"simdjson": "rows",
    r"openssl/": "base",
    r"zstd": "base",
    r"gumbo": "mailchimp",
    r"pugi": "aws",
    r"CLI/": "cli",
    r"toml\+\+/": "cli",
    r"spdlog/": "base",
    r"tl/": "base",
}
EVERYWHERE = re.compile(r"fmt/")
ANY_SOURCE = re.compile(r"nlohmann/")  # in no header of ours: it is nobody's interface
SYSTEM = re.compile(r"(sys|netinet|arpa)/|(unistd|stdlib|signal|fcntl)\.h$|[a-z_0-9]+$")  # POSIX and C++
# What talks to Mailchimp can only GET (docs/design.md, promise 5): it does not know that there are other methods, nor what sends them,
# not through other headers either.
ONLY_GET = {"mailchimp", "generate", "run", "inventory", "client", "pull", "load", "certificate", "verify", "sync", "cli", "main"}
CHANGES_THINGS_HEADER = re.compile(r"net/(call|upload)\.hpp")
CHANGES_THINGS = re.compile(r"\b(HttpCall|HttpMethod|HttpClient|CallLoop|make_call_loop)\b|\bCURLOPT_|(->|\.)call\s*\(")
# What is known of a stream stands in the catalogue (docs/decisions/0004-the-catalogue-is-data.md): no layer above it names one.
KNOWS_NO_STREAM = ONLY_GET - {"mailchimp", "generate", "main"}
TABLE = re.compile(r'\.table = "(\w+)"')
IS_A_WORD_TOO = {"account"}  # of the table's name, an option's and a log field's
TERMINAL = re.compile(r"std::(cout|cerr|clog|cin)\b|(?<![\w.>])(std::|::)?(printf|puts|getenv|secure_getenv|exit|_exit|quick_exit|isatty)\s*\(|\b(stdout|stderr)\b")
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
MOST_LINES = 500
CITED_PAGE = re.compile(r"\bdocs/([\w/-]+\.md)\b((?:(?:,| and) \"[^\"]+\")*)")  # docs/design.md, "Flow" and "Words"
LINKED_HEADING = re.compile(r"\]\(([\w./-]*\.md|)#([\w-]+)\)")  # [how](snowflake.md#settings)


def layer_of(path):
    """src/rows/decode.cpp is of layer rows, src/main.cpp of layer main."""
    return path.parts[1] if len(path.parts) > 2 else "main"


def breaches_of_header(header, layer, path):
    homes = [home for pattern, home in HOME_OF_HEADER.items() if re.match(pattern, header)]
    if homes and layer not in homes:
        yield f"<{header}> belongs in src/{homes[0]}/ only"
    if ANY_SOURCE.match(header) and path.suffix == ".hpp":
        yield f"<{header}> belongs in .cpp files only"
    if not homes and not any(known.match(header) for known in (EVERYWHERE, ANY_SOURCE, SYSTEM)):
        yield f"<{header}> is of no library that tests/check_layers.py knows: say which folder it belongs in"


@functools.cache
def headers_of(file):
    """The headers of ours that a file includes, in its own order; none where there is no such file."""
    if not file.is_file():
        return []
    includes = map(INCLUDE.match, file.read_text(encoding="utf-8").splitlines())
    return [include.group(2) for include in includes if include and include.group(1) == '"']


def way_to_changes(root, header, seen):
    """The headers that lead from this one to one that can change things, both of them among them; [] where none does."""
    if CHANGES_THINGS_HEADER.match(header):
        return [header]
    if header in seen:
        return []
    seen.add(header)
    ways = (way_to_changes(root, further, seen) for further in headers_of(root / "src" / header))
    return next(([header] + way for way in ways if way), [])


@functools.cache
def tables(root):
    """The catalogue's names."""
    texts = (part.read_text(encoding="utf-8") for part in (root / "src/mailchimp").glob("catalogue_*.cpp"))
    return {name for text in texts for name in TABLE.findall(text)} - IS_A_WORD_TOO


def breaches_of(root, path):
    layer = layer_of(path)
    if layer not in MAY_INCLUDE:
        yield 1, f"src/{layer}/ is no layer that tests/check_layers.py knows"
        return
    in_comment = False
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
        include = INCLUDE.match(line)
        if include and not in_comment:
            quote, header = include.groups()
            target = header.split("/")[0]
            if quote == '"' and target != layer and target not in MAY_INCLUDE[layer]:
                yield number, f"{layer} must not include {header}"
            # A header of a layer that may only GET is judged where it stands, and not in each file that includes it.
            if quote == '"' and layer in ONLY_GET and target not in ONLY_GET:
                way = way_to_changes(root, header, set())
                if way:
                    yield number, f"{layer} must only GET, and not include {' -> '.join(way)}"
            if quote == "<":
                yield from ((number, what) for what in breaches_of_header(header, layer, path))
            continue
        if layer in KNOWS_NO_STREAM:
            named = tables(root).intersection(word.strip('"') for word in STRING.findall(line.split("//")[0]))
            yield from ((number, f'"{name}" is for the catalogue to know') for name in sorted(named))
        code = STRING.sub('""', line)
        if in_comment:
            _, in_comment, code = code.partition("*/")[0], "*/" not in code, code.partition("*/")[2]
        code = re.sub(r"/\*.*?\*/", "", code.split("//")[0])
        if "/*" in code:
            code, in_comment = code.split("/*")[0], True
        found = CHANGES_THINGS.search(code)
        if found and layer in ONLY_GET:
            yield number, f"{layer} must only GET: {found.group(0)} can do more"
        found = TERMINAL.search(code)
        if found and layer not in ("cli", "main"):
            yield number, f"{found.group(0).strip(' (')} is for src/cli/ and src/main.cpp only"


@functools.cache
def headings_of(page):
    """The headings of a Markdown page; None where there is no such page."""
    if not page.is_file():
        return None
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^#+ +(.*?) *$", text, flags=re.MULTILINE)


def anchor_of(heading):
    """As GitHub makes it: "Short memories" is #short-memories."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def citations_of(root, path):
    """Breaches of a file that names a page, or a heading of one, that is not there."""
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
        for page, named in CITED_PAGE.findall(line):
            headings = headings_of(root / "docs" / page)
            if headings is None:
                yield number, f"there is no docs/{page}"
                continue
            for heading in re.findall(r'"([^"]+)"', named):
                if heading not in headings:
                    yield number, f'docs/{page} has no heading "{heading}"'
        for page, anchor in LINKED_HEADING.findall(line) if path.suffix == ".md" else ():
            headings = headings_of((root / path).parent / page if page else root / path)
            if headings is None or anchor not in map(anchor_of, headings):
                yield number, f"{page or path.name} has no heading for #{anchor}"


def check(root):
    """All breaches under root, as text."""
    found = []
    for path in sorted(p.relative_to(root) for p in (root / "src").rglob("*") if p.suffix in (".cpp", ".hpp")):
        found += [f"{path}:{number}: {what}" for number, what in breaches_of(root, path)]
    for folder in ("src", "simulator", "tests", "bench", "fuzz", "docs"):
        for path in sorted(p for p in (root / folder).rglob("*") if p.suffix in (".cpp", ".hpp", ".py", ".sh")):
            lines = path.read_bytes().count(b"\n")
            if lines > MOST_LINES:
                found.append(f"{path.relative_to(root)}:{lines}: {lines} lines; a file has at most {MOST_LINES}")
    texts = [p for folder in ("src", "simulator", "tests", "bench", "fuzz", "docs", "deploy") for p in (root / folder).rglob("*")]
    for path in sorted(p for p in texts + list(root.glob("*.md")) if p.suffix in (".cpp", ".hpp", ".py", ".sh", ".md")):
        path = path.relative_to(root)
        found += [f"{path}:{number}: {what}" for number, what in citations_of(root, path)]
    return found


if __name__ == "__main__":
    breaches = check(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(breaches) if breaches else "layers: all as they should be")
    sys.exit(1 if breaches else 0)
