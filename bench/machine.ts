import { generateKeyPairSync, sign } from 'node:crypto'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { percentile } from './rounds.ts'

const times = 200

/** How long `work` takes, the median, milliseconds. */
function median(work: () => void): number {
  const all = Array.from({ length: times }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
  return percentile(all, 0.5)
}

function signing(): number {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = Buffer.alloc(300, 'x')
  return median(() => sign('sha256', text, privateKey))
}

function flushing(): number {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-disk-'))
  const file = openSync(path.join(folder, 'flushed'), 'w')
  const page = Buffer.alloc(4096, 'x')
  try {
    return median(() => {
      writeSync(file, page)
      fdatasyncSync(file)
    })
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true })
  }
}

/**
 * What it is measured on, in one line. The two times say how fast it is: what is no ratio (µs, ms)
 * can only be read beside them.
 */
export function machine(): string {
  const memory = `${(os.totalmem() / 1e9).toFixed(0)} GB`
  const speed = `one RSA-2048 signature ${(signing() * 1000).toFixed(0)} µs, one flush to the disk ${flushing().toFixed(2)} ms`
  return `${os.availableParallelism()} cores, ${memory}, ${os.platform()} ${os.arch()}, ${speed}`
}
