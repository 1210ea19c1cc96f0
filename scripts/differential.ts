import { parseArgs } from 'node:util'
import { compare } from '../test/differential/compare.ts'
import { hasFedify, startFedify } from '../test/differential/fedify.ts'
import { makeKeys } from '../test/differential/requests.ts'

/**
 * `npm run differential -- [--requests 10000] [--seed 1]`: our verdict of signed requests beside
 * Fedify's; exit code 1 when one differs for no reason that is listed.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
})

const write = (line: string): void => void process.stdout.write(`${line}\n`)

if (!hasFedify) throw new Error('Fedify is not here: npm ci --prefix test/peers/fedify')
const keys = makeKeys()
const fedify = await startFedify(keys)
const given = { requests: Number(values.requests), seed: values.seed }
const { both, known, unknown, accepted } = await compare(given, keys, fedify)
await fedify.stop()
write(`${given.requests} requests: both accept ${both.accept}, both refuse ${both.refuse}`)
for (const [by, count] of Object.entries(accepted).sort())
  write(`  accepted, signed by ${by}: ${count}`)
write('listed differences:')
for (const [name, count] of Object.entries(known).sort()) write(`  ${count} × ${name}`)
for (const one of unknown) write(`not listed: ${JSON.stringify(one)}`)
write(`${unknown.length} differences are not listed`)
process.exitCode = unknown.length === 0 ? 0 : 1
