"""What the compiler and the linker can do against the usual ways into a program is in the program that was built (OpenSSF's guide for
C and C++). The readers are tried first, on programs that lack it all, and that have it all."""
import os
import platform
import re
import subprocess
import sys
import tempfile


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def lacking(program, marks_targets):
    """Names of what the program lacks. `marks_targets`: calls and returns are to go only where they may."""
    header = output("readelf", "-hW", program)
    segments = output("readelf", "-lW", program)
    dynamic = output("readelf", "-dW", program)
    imports = output("nm", "-D", "--undefined-only", program)
    stack = re.search(r"GNU_STACK.* (R\w*E?|RWE) +0x", segments)
    has = {
        "position-independent code": re.search(r"Type:\s+DYN", header) and "PIE" in dynamic,
        "relocations that are read-only": "GNU_RELRO" in segments,
        "no late binding": re.search(r"FLAGS_1\).*NOW", dynamic),
        "a stack that cannot be executed": stack and "E" not in stack.group(1),
        "stack protector": "__stack_chk_fail" in imports,
        "checked library calls": re.search(r"__\w+_chk@", imports),
    }
    code = output("objdump", "-d", "--no-show-raw-insn", program)
    if platform.machine() == "x86_64":
        if marks_targets:
            has["marked targets of calls"] = re.search(r"<main>:\n[^\n]*endbr64", code)
        # A frame larger than a page is touched page by page.
        has["large frames that cannot jump over a guard page"] = re.search(r"sub +\$0x1000,%rsp\n[^\n]*or[qbl]? +\$0x0,", code) or \
            re.search(r"sub +\$0x1000,%rsp\n[^\n]*movq? +\$0x0,\(%rsp\)", code)
    return [name for name, there in has.items() if not there]


SOURCE = r"""
#include <stdio.h>
#include <string.h>
__attribute__((noinline)) int large(const char* text, int at) {
  char frame[100000];
  strcpy(frame, text);
  return frame[at] + printf("%s", frame);
}
int main(int count, char** words) { return large(words[0], count); }
"""
WITHOUT = ["-fno-pie", "-no-pie", "-fno-stack-protector", "-U_FORTIFY_SOURCE", "-fcf-protection=none", "-fno-stack-clash-protection",
           "-Wl,-z,norelro,-z,lazy,-z,execstack"]
WITH = ["-fPIE", "-pie", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", "-fcf-protection", "-fstack-clash-protection",
        "-Wl,-z,relro,-z,now,-z,noexecstack"]


def built(compiler, folder, name, options):
    program = os.path.join(folder, name)
    source = os.path.join(folder, name + ".cpp")
    with open(source, "w", encoding="utf-8") as file:
        file.write(SOURCE)
    machine = [option for option in options if platform.machine() == "x86_64" or not option.startswith("-fcf-protection")]
    subprocess.run([compiler, "-O2", *machine, source, "-o", program], check=True)
    return program


def main():
    program, compiler = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        all_names = lacking(built(compiler, folder, "without", WITHOUT), True)
        expected = 8 if platform.machine() == "x86_64" else 6
        assert len(all_names) == expected, f"a program without any of it is said to lack only {all_names}"
        named = lacking(built(compiler, folder, "with", WITH), True)
        assert not named, f"a program with all of it is said to lack {named}"
    named = lacking(program, "-fcf-protection" in sys.argv[3:])
    assert not named, f"{program} lacks {named}"


main()
