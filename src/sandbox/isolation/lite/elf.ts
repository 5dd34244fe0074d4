/** The file's address in memory: free in every layout, and aligned to every page size. */
export const BASE = 0x400000;
const ELF_HEADER = 64;
const PROGRAM_HEADER = 56;
/** Offset of the code, after the headers. */
export const CODE_AT = ELF_HEADER + 2 * PROGRAM_HEADER;

/** One segment that is the whole file, read-only; and a stack that is not executable. */
export function elfHeader(machine: number, entry: number, size: number): Buffer {
  const bytes = Buffer.alloc(CODE_AT);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(2, 16); // ET_EXEC
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(entry), 24);
  bytes.writeBigUInt64LE(BigInt(ELF_HEADER), 32);
  bytes.writeUInt16LE(ELF_HEADER, 52);
  bytes.writeUInt16LE(PROGRAM_HEADER, 54);
  bytes.writeUInt16LE(2, 56);
  segment(bytes, ELF_HEADER, { type: 1, flags: 5, address: BASE, size, align: 0x10000 }); // PT_LOAD, R+X
  segment(bytes, ELF_HEADER + PROGRAM_HEADER, { type: 0x6474e551, flags: 6, address: 0, size: 0, align: 16 });
  return bytes;
}

interface Segment {
  type: number;
  flags: number;
  address: number;
  size: number;
  align: number;
}

function segment(bytes: Buffer, at: number, { type, flags, address, size, align }: Segment): void {
  bytes.writeUInt32LE(type, at);
  bytes.writeUInt32LE(flags, at + 4);
  for (const offset of [16, 24]) bytes.writeBigUInt64LE(BigInt(address), at + offset);
  for (const offset of [32, 40]) bytes.writeBigUInt64LE(BigInt(size), at + offset);
  bytes.writeBigUInt64LE(BigInt(align), at + 48);
}
