#!/usr/bin/env python3
"""check_layers.py must find what it is there for: each test plants one breach in a tree that has none."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import check_layers


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("src/main.cpp", '#include "cli/cli.hpp"\nint main() {}\n')
        self.write("src/cli/cli.hpp", '#include <cstdio>\n#include <CLI/CLI.hpp>\n#include "sync/sync.hpp"\nvoid f() { printf("x"); }\n')
        self.write("src/sync/sync.hpp", '#include "rows/rows.hpp"\n// getenv( is not for us\n/* nor\n std::cout */\n')
        self.write("src/rows/rows.hpp", '#include <simdjson.h>\n#include "base/base.hpp"\nauto text = "std::cerr";\nauto n = snprintf(b, 1, "");\n')
        self.write("src/base/base.hpp", "#include <openssl/evp.h>\nvoid on_exit(int); int x = thing.exit();\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def breaches(self):
        # What it remembers of files was true of the tree as it was before.
        for remembers in (check_layers.headers_of, check_layers.tables, check_layers.headings_of):
            remembers.cache_clear()
        return check_layers.check(self.root)

    def expect(self, place):
        (breach,) = self.breaches()
        self.assertTrue(breach.startswith(place + ": "), breach)

    def test_a_clean_tree_passes(self):
        self.assertEqual(self.breaches(), [])

    def test_its_exit_code_tells(self):
        program = [sys.executable, "-B", check_layers.__file__, self.root]
        self.assertEqual(subprocess.run(program, stdout=subprocess.DEVNULL, check=False).returncode, 0)
        self.write("src/misc/x.cpp", "\n")
        bad = subprocess.run(program, capture_output=True, text=True, check=False)
        self.assertEqual((bad.returncode, bad.stdout[:16]), (1, "src/misc/x.cpp:1"))

    def test_include_of_a_layer_above(self):
        self.write("src/rows/up.cpp", '#include "base/base.hpp"\n#include "sync/sync.hpp"\n')
        self.expect("src/rows/up.cpp:2")

    def test_include_of_a_layer_beside(self):
        self.write("src/warehouse/beside.cpp", '#include "archive/archive.hpp"\n')
        self.expect("src/warehouse/beside.cpp:1")

    def test_the_name_of_a_stream_above_the_catalogue(self):
        self.write("src/mailchimp/catalogue_lists.cpp", '{.table = "lists"}, {.table = "account"}\n')
        self.write("src/pull/by_name.cpp", 'log("account", "lists of it");  // not "lists"\nif (stream.table == "lists") return;\n')
        self.expect("src/pull/by_name.cpp:2")

    def test_main_reaches_past_the_command_line(self):
        self.write("src/main.cpp", '#include "sync/sync.hpp"\n')
        self.expect("src/main.cpp:1")

    def test_third_party_header_in_a_second_layer(self):
        for header in ("curl/curl.h", "duckdb.h", "simdjson.h", "openssl/evp.h", "zstd.h", "gumbo.h", "pugixml.hpp", "CLI/CLI.hpp", "toml++/toml.h", "spdlog/spdlog.h"):
            with self.subTest(header):
                self.write("src/sync/second.cpp", f"\n#include <{header}>\n")
                self.expect("src/sync/second.cpp:2")

    def test_terminal_and_environment_below_the_command_line(self):
        for line in ("std::cout << 1;", "std::cerr << 1;", 'printf("x");', 'std::printf("x");', "fputs(x, stderr);", 'getenv("X");', "std::exit(1);", "exit(1);", "::isatty(1);"):
            with self.subTest(line):
                self.write("src/net/talks.cpp", f"// above\nvoid f() {{ {line} }}\n")
                self.expect("src/net/talks.cpp:2")

    def test_more_than_get_where_mailchimp_is_read(self):
        for layer in ("mailchimp", "run", "cli"):
            for line in ('#include "net/call.hpp"', "HttpCall call;", "x = HttpMethod::put;", "HttpClient client({});", "loop_->call(x, y);", "loop.call(x, y);", "CallLoop& loop;", "make_call_loop({});"):
                with self.subTest(line, layer=layer):
                    self.write(f"src/{layer}/changes.cpp", f"// above\n{line}\n")
                    self.expect(f"src/{layer}/changes.cpp:2")
            (self.root / f"src/{layer}/changes.cpp").unlink()

    def test_more_than_get_by_way_of_other_headers(self):
        self.write("src/net/call.hpp", "\n")
        self.write("src/net/upload.hpp", "\n")
        self.write("src/aws/sigv4.hpp", '#include "aws/session.hpp"\n#include "net/call.hpp"\n')
        self.write("src/aws/session.hpp", '#include "aws/sigv4.hpp"\n')  # a circle ends
        self.write("src/aws/s3.cpp", '#include "aws/session.hpp"\n#include "net/upload.hpp"\n')  # who may
        self.write("src/aws/s3.hpp", '#include "base/base.hpp"\n')
        self.write("src/run/target.hpp", '#include "aws/s3.hpp"\n')  # knows only what does not show it
        self.assertEqual(self.breaches(), [])
        self.write("src/sync/uses.cpp", '#include "run/target.hpp"\n')
        for line in ('#include "aws/session.hpp"', '#include "aws/sigv4.hpp"', '#include "net/upload.hpp"'):
            with self.subTest(line):
                self.write("src/run/target.hpp", f"\n{line}\n")
                self.expect("src/run/target.hpp:2")

    def test_code_after_a_comment_counts(self):
        self.write("src/net/talks.cpp", "/* one\n two */ void f() { std::cout << 1; }\n")
        self.expect("src/net/talks.cpp:2")

    def test_folder_that_is_no_layer(self):
        self.write("src/misc/x.cpp", "\n")
        self.expect("src/misc/x.cpp:1")

    def test_file_that_is_too_long(self):
        self.write("simulator/long.cpp", "\n" * 501)
        self.expect("simulator/long.cpp:501")

    def test_library_that_nobody_gave_a_home(self):
        self.write("src/net/new.cpp", "#include <boost/asio.hpp>\n")
        self.expect("src/net/new.cpp:1")

    def test_json_library_in_a_header(self):
        self.write("src/base/json.cpp", "#include <nlohmann/json.hpp>\n#include <fmt/format.h>\n#include <sys/stat.h>\n#include <map>\n")
        self.assertEqual(self.breaches(), [])
        self.write("src/base/json.hpp", "#include <nlohmann/json.hpp>\n")
        self.expect("src/base/json.hpp:1")

    def test_page_or_heading_that_is_not_there(self):
        page = "docs/" + "facts.md"  # in two pieces: this file is read as well
        self.write(page, "# Facts\n\n## Time limit\n\n```sh\n# no heading\n```\n\nSee [above](#time-limit) and [there](other.md#page-size).\n")
        self.write("docs/" + "other.md", "### Page size\n")
        self.write("src/net/cites.cpp", f'// {page}, "Time limit" and "Facts"; {page}\n')
        self.assertEqual(self.breaches(), [])
        for line in (f'{page}, "No such"', f'{page}, "Facts" and "No such"', f'{page}, "no heading"', "docs/" + "missing.md"):
            with self.subTest(line):
                self.write("src/net/cites.cpp", f"\n// {line}\n")
                self.expect("src/net/cites.cpp:2")
        (self.root / "src/net/cites.cpp").unlink()
        for link in ("#no-such", "other.md#time-limit", "missing.md#page-size"):
            with self.subTest(link):
                self.write("docs/" + "links.md", f"[x]({link})\n")
                self.expect("docs/" + "links.md:1")


if __name__ == "__main__":
    unittest.main()
