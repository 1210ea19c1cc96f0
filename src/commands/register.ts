import type { Command } from './command.ts'
import { webPage } from '../model/settings.ts'
import { becomeActor, handleFor, handleOf, mayPublish } from '../bridge/actors.ts'

export const register: Command = {
  name: 'register',
  args: '',
  help: 'Gives you an address on the fediverse.',
  more: 'Your first `follow`, `dm` or `publish` does it too. Nothing of yours is published by it but your name and picture.',
  examples: ['register'],
  group: 'You',
  permission: 'follow',
  takes: [0, 0],
  doing: () => 'Making your address.',
  run: async (_input, { sender, deps }) => {
    const { actor, line, actions } = await becomeActor(sender, deps)
    const [became] = line
    if (became === undefined)
      return { text: `On the fediverse you are ${handleOf(actor, deps)} already.`, actions }
    const next = mayPublish(sender, deps)
      ? '`publish` opens a room whose messages your followers read.'
      : '`follow` brings the posts of an account.'
    return { text: `${became} ${next}`, actions }
  },
}

export const whoami: Command = {
  name: 'whoami',
  args: '',
  help: 'Shows your address on the fediverse.',
  examples: ['whoami'],
  group: 'You',
  permission: 'follow',
  takes: [0, 0],
  doing: () => 'Reading your address.',
  run: async (_input, { sender, deps }) => {
    const handle = await handleFor(sender, deps)
    const actor = await deps.store.findLocalActorByUser(sender)
    if (actor === undefined)
      return { text: `Nobody on the fediverse knows you yet. \`register\` makes you ${handle}.` }
    const hasPage = (await deps.store.findSetting(sender, webPage.name)) === webPage.on
    const page = `Your web page is ${deps.identity.publicUrl}/@${actor.username} .`
    return { text: [`On the fediverse you are ${handle}.`, ...(hasPage ? [page] : [])].join('\n') }
  },
}
