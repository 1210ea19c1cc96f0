import dns from 'node:dns'
import { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { moveClock } from '../../peers/shared/clock.mjs'

/** Loaded before a program of ours: how the machine would be elsewhere, or later (preloads.ts). */

const { lookup } = dns
// Not every machine knows these names, which are for loopback alone (RFC 6761).
dns.lookup = (name, ...rest) => lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest)

// What is done now and again comes round sooner; what is to come within a minute is left as it is.
const { TEST_HASTE: haste } = process.env
if (haste !== undefined) {
  const { setTimeout: wait } = globalThis
  const sooner = (act, ms, ...rest) => wait(act, ms < 60_000 ? ms : ms / Number(haste), ...rest)
  globalThis.setTimeout = Object.defineProperties(sooner, Object.getOwnPropertyDescriptors(wait))
}
syncBuiltinESMExports()

const { TEST_CLOCK: file } = process.env
if (file !== undefined) moveClock(Number(readFileSync(file, 'utf8')))
