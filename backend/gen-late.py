# SPDX-License-Identifier: BSD-3-Clause
"""Run by the build: gen-late.py OUTPUT LIBRARY.so... -- ARCHIVE.a...

Writes the functions of the libraries that the archives call as jumps through slots, for craton-backend to be linked with in the
libraries' place (late.h). A slot leads to craton_late_open () until its library has been opened. For x86-64.
"""
import re
import subprocess
import sys

CALL_REGISTERS = ("rax", "rdi", "rsi", "rdx", "rcx", "r8", "r9", "r10")
CALL_VECTORS = 8


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def undefined(archives):
    return {line.split()[-1] for line in run("nm", "-u", *archives).splitlines() if line.strip().startswith(("U ", "w "))}


def exported(library):
    """Name to kind, as nm has them."""
    rows = (line.split() for line in run("nm", "-D", "--defined-only", library).splitlines())
    return {row[2].split("@")[0]: row[1] for row in rows if len(row) == 3}


def soname(library):
    return re.search(r"\(SONAME\).*\[(.*)\]", run("readelf", "-d", library))[1]


def stub(number, index, name):
    """The function, and where its slot leads at first."""
    return f"""
	.globl {name}
	.hidden {name}
	.type {name}, @function
{name}:
	endbr64
	jmp *craton_late_slots_{number} + {8 * index}(%rip)
.Lfirst_{number}_{index}:
	endbr64
	leaq {name}(%rip), %r11
	jmp .Lopen_{number}
	.size {name}, . - {name}"""


def opener(number):
    """Opens the library with all that can hold arguments left as it is, and calls the function anew."""
    count = len(CALL_REGISTERS)
    push = "\n".join(f"\tpushq %{each}\n\t.cfi_adjust_cfa_offset 8" for each in ("r11", *CALL_REGISTERS))
    pop = "\n".join(f"\tpopq %{each}\n\t.cfi_adjust_cfa_offset -8" for each in (*reversed(CALL_REGISTERS), "r11"))
    room = 16 * CALL_VECTORS
    save = "\n".join(f"\tmovups %xmm{i}, {16 * i}(%rsp)" for i in range(CALL_VECTORS))
    load = "\n".join(f"\tmovups {16 * i}(%rsp), %xmm{i}" for i in range(CALL_VECTORS))
    assert (count + 1) % 2 == 1 and room % 16 == 0  # the stack is aligned for the call
    return f"""
	.type .Lopen_{number}, @function
.Lopen_{number}:
	.cfi_startproc
{push}
	subq ${room}, %rsp
	.cfi_adjust_cfa_offset {room}
{save}
	movl ${number}, %edi
	call craton_late_open
{load}
	addq ${room}, %rsp
	.cfi_adjust_cfa_offset -{room}
{pop}
	jmp *%r11
	.cfi_endproc"""


def slots(number, names):
    """On pages of their own: late.c makes them read-only."""
    rows = "\n".join(f"\t.quad .Lfirst_{number}_{i}" for i in range(len(names)))
    return f"""
	.pushsection .data.craton_late, "aw", @progbits
	.balign 4096
	.globl craton_late_slots_{number}
	.hidden craton_late_slots_{number}
craton_late_slots_{number}:
{rows}
	.balign 4096
	.popsection"""


def main():
    output, *rest = sys.argv[1:]
    libraries, archives = rest[:rest.index("--")], rest[rest.index("--") + 1:]
    wanted, assembly, declarations, rows = undefined(archives), [], [], []
    for number, library in enumerate(libraries):
        kinds = exported(library)
        names = sorted(wanted & kinds.keys())
        data = [name for name in names if kinds[name] not in "TWi"]
        if data:
            raise SystemExit(f"gen-late: {library}: no functions, and cannot be opened late: {' '.join(data)}")
        assembly += [stub(number, i, name) for i, name in enumerate(names)] + [opener(number), slots(number, names)]
        declarations.append(f"extern void *craton_late_slots_{number}[];\n"
                            f"static const char names_{number}[] =\n" + "\n".join(f'\t"{name}\\0"' for name in names) + ";")
        rows.append(f'\t{{ "{soname(library)}", names_{number}, craton_late_slots_{number}, {len(names)} }},')
    text = "\n".join(assembly).strip("\n").split("\n")
    quoted = "\n".join('\t"' + line.replace("\t", "\\t").replace('"', '\\"') + '\\n"' for line in text)
    with open(output, "w", encoding="ascii") as file:
        file.write(f"/* Made by gen-late.py. */\n__asm__ (\"\\t.pushsection .text\\n\"\n{quoted}\n\t\"\\t.popsection\\n\");\n\n"
                   + "\n".join(declarations) + "\n\nstatic Library libraries[] = {\n" + "\n".join(rows) + "\n};\n")


main()
