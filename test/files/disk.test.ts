import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDiskFile } from '../../src/files/disk.ts'
import { wholeOf } from '../support/whole.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footbridge-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a file in passing', () => {
  test('gives back what was written, as often as it is asked', async () => {
    const file = await createDiskFile(folder)
    const written = Array.from({ length: 5 }, (_, n) => Buffer.alloc(40_000, n))
    for (const chunk of written) await file.write(chunk)
    expect(file.size).toBe(200_000)
    const readAll = () => wholeOf(file.chunks())
    expect((await readAll()).equals(Buffer.concat(written))).toBe(true)
    expect((await readAll()).equals(Buffer.concat(written))).toBe(true)
    const tail = await file.read(199_998, 10)
    expect([...tail]).toEqual([4, 4])
    expect(await file.read(300_000, 10)).toHaveLength(0)
    await file.discard()
  })

  test('has no name that could outlive the process', async () => {
    const file = await createDiskFile(folder)
    await file.write(Buffer.from('x'))
    expect(readdirSync(folder)).toEqual([])
    await file.discard()
  })
})
