/** The superblock is the first 96 bytes of a squashfs 4.0 file (kernel: Documentation/filesystems/squashfs.rst). */
export const SUPERBLOCK_BYTES = 96;
const MAGIC = 0x73717368;
const NO_TABLE = 0xffff_ffff_ffff_ffffn;
const COMPRESSIONS = ['', 'gzip', 'lzma', 'lzo', 'xz', 'lz4', 'zstd'];

interface Superblock {
  inodes: number;
  compression: string;
  blockSize: number;
  bytesUsed: number;
}

export type SuperblockVerdict = { ok: true; superblock: Superblock } | { ok: false; reason: string };

export function readSuperblock(head: Buffer, size: number): SuperblockVerdict {
  const refuse = (reason: string): SuperblockVerdict => ({ ok: false, reason });
  if (size === 0) return refuse('the file is empty');
  if (head.length < SUPERBLOCK_BYTES || head.readUInt32LE(0) !== MAGIC)
    return refuse('it has no squashfs superblock');
  const version = `${head.readUInt16LE(28)}.${head.readUInt16LE(30)}`;
  if (version !== '4.0') return refuse(`its squashfs version is ${version}, not 4.0`);
  const blockSize = head.readUInt32LE(12);
  const compression = COMPRESSIONS[head.readUInt16LE(20)];
  if (2 ** head.readUInt16LE(22) !== blockSize)
    return refuse('its superblock contradicts itself about the block size');
  if (compression === undefined || compression === '') return refuse('its compression is unknown');
  const bytesUsed = Number(head.readBigUInt64LE(40));
  if (size < bytesUsed) return refuse(`it was cut: ${size} of ${bytesUsed} bytes are there`);
  for (const offset of [48, 56, 64, 72, 80, 88]) {
    const table = head.readBigUInt64LE(offset);
    if (table !== NO_TABLE && table >= BigInt(bytesUsed)) return refuse('its tables lie behind its end');
  }
  return { ok: true, superblock: { inodes: head.readUInt32LE(4), compression, blockSize, bytesUsed } };
}
