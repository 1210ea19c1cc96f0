import type { Action } from '../model/action.ts'
import type { ActorId } from '../model/ids.ts'
import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { LocalActor, RemoteActor } from '../model/actor.ts'
import { becomeActor, handleOf } from '../bridge/actors.ts'
import { changeProfile } from '../bridge/own-profile.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { publicCollection } from '../model/audience.ts'
import { displayHandle } from '../model/names.ts'
import { newActivityId } from '../bridge/new-ids.ts'
import { findTarget } from './target.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

const mostAliases = 10

const isReset = (text: string): boolean => /^(?:cancel|reset)$/i.test(text)

async function listAliases({ sender, deps }: CommandContext): Promise<Answer> {
  const own = await deps.store.findLocalActorByUser(sender)
  const aliases = own?.profile?.aliases ?? []
  if (aliases.length === 0)
    return {
      text: 'You have said of no other account that it is yours. `alias add @user@host` does.',
    }
  const handles = await Promise.all(aliases.map((id) => handleOfActor(id, deps)))
  return { text: `These accounts are yours too: ${handles.join(', ')}.` }
}

function changeAlias(word: string, target: RemoteActor, actor: LocalActor): Answer {
  const handle = displayHandle(target)
  const { aliases = [] } = actor.profile ?? {}
  const others = aliases.filter((id) => id !== target.id)
  if (word === 'remove') {
    if (others.length === aliases.length)
      return { text: `${handle} is no alias of yours. \`alias\` lists those that are.` }
    const text = `${handle} cannot move here any more.`
    return { text, actions: changeProfile(actor, { alias: { actorId: target.id, isOne: false } }) }
  }
  if (others.length >= mostAliases)
    return {
      text: `You can have ${mostAliases} aliases at most. \`alias remove @user@host\` makes room.`,
    }
  const text = `Your profile says now that ${handle} is you as well. It can move here: its own settings start that.`
  return { text, actions: changeProfile(actor, { alias: { actorId: target.id, isOne: true } }) }
}

export const alias: Command = {
  name: 'alias',
  args: '[add|remove] [<@user@host>]',
  help: 'Says that an account elsewhere is yours too, so that it can move here.',
  more: 'Then start the move in the settings of that account: its followers follow you here. Alone, it lists them.',
  examples: ['alias', 'alias add @user@social.example'],
  group: 'You',
  permission: 'user',
  takes: [0, 2],
  doing: ([, text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [word, text] }, context) => {
    if (word === undefined) return listAliases(context)
    if (text === undefined || (word !== 'add' && word !== 'remove')) return usage(alias)
    const target = await findTarget(text, context.deps)
    if (target.kind === 'nobody') return target.result
    if (target.kind === 'local') {
      return { text: 'That account is on this server; an alias is an account elsewhere.' }
    }
    const { actor, line, actions } = await becomeActor(context.sender, context.deps)
    const answer = changeAlias(word, target.actor, actor)
    return {
      text: [...line, answer.text].join('\n'),
      actions: [...actions, ...(answer.actions ?? [])],
    }
  },
}

/** Tells the followers' servers; those bring their people to the new account. */
const move = (actor: LocalActor, target: ActorId, { deps }: CommandContext): Action => ({
  do: 'publish',
  activity: {
    type: 'move',
    id: newActivityId(deps),
    actor: actor.id,
    target,
    to: [`${actor.id}/followers`],
    cc: [publicCollection],
  },
  recipients: [],
  toFollowers: true,
  inboxes: [],
  order: actor.id,
})

function moveBack(actor: LocalActor): Answer {
  if (actor.profile?.movedTo === undefined) return { text: 'Your account has not moved.' }
  return {
    text: 'Your account is here again, and publishes. Followers who went on do not come back by themselves.',
    actions: changeProfile(actor, { movedTo: undefined }),
  }
}

function moveAway(
  actor: LocalActor,
  target: RemoteActor,
  { isConfirmed, context }: { readonly isConfirmed: boolean; readonly context: CommandContext },
): CommandResult {
  const handle = displayHandle(target)
  const own = handleOf(actor, context.deps)
  if (target.details?.alsoKnownAs?.includes(actor.id) !== true)
    return {
      text: `${handle} does not say that it is you as well. Add ${own} to its aliases in its own settings, then try again.`,
    }
  if (!isConfirmed)
    return {
      text: `Your followers will be asked to follow ${handle}, and your account here publishes nothing more. What you wrote stays. \`move-to ${handle} confirm\` does it.`,
    }
  return {
    text: `You have moved to ${handle}. Your followers' servers are being told. \`move-to cancel\` lets you publish here again.`,
    actions: [...changeProfile(actor, { movedTo: target.id }), move(actor, target.id, context)],
  }
}

export const moveTo: Command = {
  name: 'move-to',
  args: '<@user@host>|cancel [confirm]',
  help: 'Moves your followers to another account of yours.',
  more: 'That account has to name yours as its alias first. It asks once more before it does anything. `move-to cancel` lets you publish here again, but followers who went on stay there.',
  examples: ['move-to @user@social.example', 'move-to @user@social.example confirm'],
  group: 'You',
  permission: 'user',
  takes: [1, 2],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [text = '', word] }, context) => {
    const actor = await context.deps.store.findLocalActorByUser(context.sender)
    if (actor === undefined)
      return {
        text: 'There is nothing to move: nobody on the fediverse knows you yet. `register` gives you an account.',
      }
    if (isReset(text)) return moveBack(actor)
    if (word !== undefined && word.toLowerCase() !== 'confirm') return usage(moveTo)
    const target = await findTarget(text, context.deps)
    if (target.kind === 'nobody') return target.result
    if (target.kind === 'local') {
      return { text: 'That account is on this server; you can move only to one elsewhere.' }
    }
    return moveAway(actor, target.actor, { isConfirmed: word !== undefined, context })
  },
}
