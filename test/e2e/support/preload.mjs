import dns from 'node:dns'
import { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { moveClock } from '../../peers/shared/clock.mjs'

/** Loaded before a program of ours: how the machine would be elsewhere, or later (preloads.ts). */

const { lookup } = dns
// Not every machine knows these names, which are for loopback alone (RFC 6761).
dns.lookup = (name, ...rest) => lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest)
syncBuiltinESMExports()

const { TEST_CLOCK: file } = process.env
if (file !== undefined) moveClock(Number(readFileSync(file, 'utf8')))
