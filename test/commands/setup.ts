import type { FakeUser } from '../fakes/homeserver.ts'
import type { RemoteActor } from '../../src/model/actor.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { asUserId } from '../../src/model/ids.ts'
import { createBridge, type Bridge, type BridgeOptions } from '../support/bridge.ts'

export const alice = asUserId('@alice:hs.test')
export const carol = asUserId('@carol:hs.test')

export type Asking = {
  readonly bridge: Bridge
  readonly bob: RemoteActor
  readonly user: FakeUser
  readonly chat: RoomId
  /** Writes a line to the bot, and gives the notices that answer it. */
  readonly ask: (line: string, html?: string) => Promise<readonly string[]>
}

/** Alice in her chat with the bot; `@bob@social.test` exists. */
export async function setUp(options: BridgeOptions = {}): Promise<Asking> {
  const bridge = await createBridge(options)
  const bob = bridge.fediverse.addAccount('bob@social.test')
  const { user, chat } = await bridge.meet(alice)
  return {
    bridge,
    bob,
    user,
    chat,
    async ask(line, html) {
      const before = bridge.notices(chat).length
      const formatted =
        html === undefined ? {} : { format: 'org.matrix.custom.html', formatted_body: html }
      user.send(chat, { msgtype: 'm.text', body: line, ...formatted })
      await bridge.settle()
      return bridge.notices(chat).slice(before)
    },
  }
}
