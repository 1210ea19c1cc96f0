import type { Command, CommandInput, CommandContext, CommandResult } from './command.ts'
import type { Visibility } from '../model/audience.ts'
import { becomeActor, handleOf, movedAway } from '../bridge/actors.ts'
import { preparePost, type Wishes } from '../bridge/post.ts'
import { safeName } from '../model/names.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

const visibilities: readonly Visibility[] = ['public', 'unlisted', 'followers']
const languageForm = /^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/i
const longestWarning = 500

const readers: Readonly<Record<Visibility, string>> = {
  public: 'everybody',
  unlisted: 'everybody, but in no list',
  followers: 'your followers',
  direct: 'the people it names',
}

/** What the options ask for, or why they cannot. */
function wishesOf({ values }: CommandInput): Wishes | string {
  const visibility = values.get('--visibility')?.toLowerCase()
  const language = values.get('--lang')
  const warning = values.get('--cw')
  const known = visibilities.find((one) => one === visibility)
  if (visibility !== undefined && known === undefined)
    return '`--visibility` can be `public`, `unlisted` or `followers`.'
  if (language !== undefined && !languageForm.test(language))
    return '`--lang` is a language such as `en`, `de` or `pt-BR`.'
  const summary = warning === undefined ? undefined : safeName(warning, longestWarning)
  if (summary === '') return '`--cw` is followed by the warning: `--cw "spiders"`.'
  return {
    ...(known === undefined ? {} : { visibility: known }),
    ...(language === undefined ? {} : { language }),
    ...(summary === undefined ? {} : { summary }),
  }
}

async function runPost(input: CommandInput, context: CommandContext): Promise<CommandResult> {
  const { sender, message, deps } = context
  const wishes = wishesOf(input)
  if (typeof wishes === 'string') return { text: wishes }
  if (input.text === '' && message.relation.replyTo === undefined) return usage(post)
  const { actor, line, actions } = await becomeActor(sender, deps)
  if (actor.profile?.movedTo !== undefined) return { text: movedAway, actions }
  const prepared = await preparePost(message, input.text, { wishes, deps })
  if (prepared === undefined) {
    const text =
      'Not published: I cannot tell what this would answer. Write it without replying, or reply to a post.'
    return { text, actions }
  }
  if ('notSent' in prepared) return { text: prepared.notSent, actions }
  const told = `Published as ${handleOf(actor, deps)}, for ${readers[prepared.visibility]}.`
  return { text: [...line, told].join('\n'), actions: [...actions, ...prepared.actions] }
}

export const post: Command = {
  name: 'post',
  args: '[--visibility <who>] [--lang <language>] [--cw "<warning>"] <text>',
  help: 'Publishes a text, from any room.',
  more: 'As a reply to a post it answers that; as a reply to a picture of yours it publishes the picture. `--visibility` is `public`, `unlisted` or `followers`. In the room that `publish` made, plain messages do the same.',
  examples: ['post Hello, fediverse', 'post --visibility followers --lang de --cw "Essen" Kuchen'],
  group: 'Publish',
  permission: 'user',
  takes: [0, 0],
  valueOptions: ['--visibility', '--lang', '--cw'],
  takesText: true,
  doing: (words) =>
    words.length === 0 ? 'Publishing it.' : `Publishing ${quote(words.join(' '))}.`,
  run: runPost,
}
