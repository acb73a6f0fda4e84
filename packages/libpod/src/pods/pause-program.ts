/**
 * A program that does nothing: for the infra container of a pod where no catatonit is installed. As the first process of a
 * shared pid namespace it ignores SIGCHLD, so the kernel itself buries what is orphaned there. A Linux executable (elf(5)) of one
 * segment, made here because it is smaller than any way to fetch one.
 */
export function pauseProgram(architecture: NodeJS.Architecture): Buffer | undefined {
  const machine = machines[architecture]
  if (!machine) return undefined
  const [header, program] = [Buffer.alloc(64), Buffer.alloc(56)]
  const size = header.length + program.length + machine.code.length
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(machine.number, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(base + 120n, 24)
  header.writeBigUInt64LE(64n, 32)
  header.writeUInt16LE(64, 52)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(1, 56)
  program.writeUInt32LE(1, 0)
  program.writeUInt32LE(5, 4)
  program.writeBigUInt64LE(base, 16)
  program.writeBigUInt64LE(base, 24)
  program.writeBigUInt64LE(BigInt(size), 32)
  program.writeBigUInt64LE(BigInt(size), 40)
  program.writeBigUInt64LE(0x1000n, 48)
  return Buffer.concat([header, program, machine.code])
}

const base = 0x400000n

interface Machine {
  /** `e_machine`. */
  readonly number: number
  /** rt_sigaction(SIGCHLD, SIG_IGN), then pause() without end. */
  readonly code: Buffer
}

const x64 = [
  '31c0', // xor eax, eax
  '50505050', // push rax ×4: an empty struct sigaction
  '48c7042401000000', // mov qword [rsp], 1 (SIG_IGN)
  'b80d000000', // mov eax, 13 (rt_sigaction)
  'bf11000000', // mov edi, 17 (SIGCHLD)
  '4889e6', // mov rsi, rsp
  '31d2', // xor edx, edx
  '41ba08000000', // mov r10d, 8
  '0f05', // syscall
  'b822000000', // again: mov eax, 34 (pause)
  '0f05', // syscall
  'ebf7', // jmp again
]

const arm64 = [
  'ff8300d1', // sub sp, sp, #32
  '200080d2', // mov x0, #1 (SIG_IGN)
  'e07f00a9', // stp x0, xzr, [sp]
  'ff7f01a9', // stp xzr, xzr, [sp, #16]
  '200280d2', // mov x0, #17 (SIGCHLD)
  'e1030091', // mov x1, sp
  '020080d2', // mov x2, #0
  '030180d2', // mov x3, #8
  'c81080d2', // mov x8, #134 (rt_sigaction)
  '010000d4', // svc #0
  '000080d2', // again: mov x0, #0
  '010080d2', // mov x1, #0
  '020080d2', // mov x2, #0
  '030080d2', // mov x3, #0
  '280980d2', // mov x8, #73 (ppoll)
  '010000d4', // svc #0
  'faffff17', // b again
]

const machines: Partial<Record<NodeJS.Architecture, Machine>> = {
  x64: { number: 62, code: Buffer.from(x64.join(''), 'hex') },
  arm64: { number: 183, code: Buffer.from(arm64.join(''), 'hex') },
}
