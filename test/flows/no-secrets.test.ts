import { expect, test } from '@jest/globals'
import { config } from '../simulation/world.ts'
import { createFlow } from './setup.ts'

const patience = 60_000

test(
  'no token or key stands in the log or the database of a run with good and bad moments',
  async () => {
    const lines: string[] = []
    const flow = await createFlow({}, { trace: (line) => void lines.push(line()) })
    const alice = flow.user('alice')
    const bob = flow.account('bob', 'remote.example')
    const profile = await flow.publish(alice)
    const portal = await flow.follow(alice, bob)
    await flow.gain(alice, bob)
    alice.say(profile, 'hello')
    await flow.tell(bob.post({ content: 'to all' }))
    await flow.command(alice, 'rotate-keys')
    await flow.command(alice, 'follow @nobody@remote.example')
    flow.homeserver.shutDown(portal, { purge: true })
    await flow.minutes(10)
    const log = lines.join('\n')
    expect(log).toContain('put out of a room')
    const { asToken, hsToken } = config.appservice
    const kept = JSON.stringify(flow.rows())
    for (const secret of [asToken, hsToken, config.encryptionKey]) {
      expect(secret.length).toBeGreaterThan(5)
      expect(log.includes(secret)).toBe(false)
      expect(kept.includes(secret)).toBe(false)
    }
    expect(kept).toContain('BEGIN PUBLIC KEY')
    expect(kept).not.toMatch(/BEGIN (?:RSA |ENCRYPTED )?PRIVATE KEY/)
    flow.close()
  },
  patience,
)
