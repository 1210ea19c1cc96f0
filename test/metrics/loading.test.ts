import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'

const main = path.join(import.meta.dirname, '../../src/main.ts')
const meter = path.join(import.meta.dirname, '../../src/metrics/meter.ts')

const tracer = path.join(import.meta.dirname, '../../src/tracing/tracer.ts')

/** How many files of that library a process has loaded that imports this. */
async function loadedBy(file: string, library: string): Promise<number> {
  const script = `
    await import(${JSON.stringify(file)})
    const { cache } = process.getBuiltinModule('node:module').createRequire(${JSON.stringify(file)})
    console.log(Object.keys(cache).filter((one) => one.includes('/${library}/')).length)
    process.exit()`
  const args = ['--no-warnings', '--input-type=module', '--eval', script]
  return Number((await promisify(execFile)(process.execPath, args)).stdout)
}

test('who wants no numbers does not load what makes them', async () => {
  expect(await loadedBy(main, 'prom-client')).toBe(0)
  expect(await loadedBy(meter, 'prom-client')).toBeGreaterThan(0)
})

test('who follows no messages does not load what tells of them', async () => {
  expect(await loadedBy(main, '@opentelemetry')).toBe(0)
  expect(await loadedBy(tracer, '@opentelemetry')).toBeGreaterThan(0)
})
