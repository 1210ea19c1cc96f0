/**
 * A real homeserver and a fast fediverse talk through the bridge, which is killed at random every
 * few seconds: `npm run soak -- --events 2000`. Ends with 1 when anything was lost, doubled or out
 * of order.
 */
import { parseArgs } from 'node:util'
import { soak, type Tally } from '../test/e2e/support/soak.ts'
import { startStack } from '../test/e2e/support/stack.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2000' },
    rooms: { type: 'string', default: '10' },
    /** Seconds. */
    patience: { type: 'string', default: '600' },
  },
})

const isWhole = ({ lost, doubled, disordered }: Tally): boolean => lost + doubled + disordered === 0

// One person says it all, more than others may in an hour.
const stack = await startStack({ admins: ['alice'] })
try {
  const report = await soak(stack, {
    events: Number(values.events),
    rooms: Number(values.rooms),
    life: [1000, 5000],
    patience: Number(values.patience) * 1000,
    say: (line) => process.stdout.write(`${line}\n`),
  })
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
  process.exitCode = isWhole(report.toMatrix) && isWhole(report.toFediverse) ? 0 : 1
} finally {
  await stack.stop()
}
