import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { Opened } from '../bridge/open-post.ts'
import { openPost } from '../bridge/open-post.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { displayHandle, parseTarget } from '../model/names.ts'
import { awayBy } from './command.ts'
import { quote } from './words.ts'

const refusals = {
  private: 'Not opened: that post is not for everybody, and not for you.',
  deleted: 'Not opened: that post was deleted.',
  blocked: 'Not opened: one of you has blocked the other.',
  unknown: 'There is no such post on this server.',
} as const

async function answerOf(opened: Opened, { deps }: CommandContext): Promise<Answer> {
  switch (opened.result) {
    case 'there':
      return { text: `You can read it here already: ${opened.link}` }
    case 'opened':
      return {
        text: `It comes into your notifications, where you can answer, react and boost: ${opened.link}`,
        actions: opened.actions,
      }
    case 'ours': {
      const handle = await handleOfActor(opened.record.author, deps)
      return {
        text: `That is by ${handle}, who is on this server. \`follow ${handle}\` shows where they write.`,
      }
    }
    default:
      return { text: refusals[opened.result] }
  }
}

/** What is told of a document that is there, but no post. */
function unreadable(text: string, { code }: RejectedError): Answer {
  if (code === 'not-a-post')
    return {
      text: `${quote(text)} is an account. \`follow\` with the same link brings its posts.`,
    }
  if (code === 'gone' || code === 'not-found' || code === 'not-permitted')
    return { text: `${quote(text)} leads to no post, or to one that its server does not show me.` }
  return { text: `${quote(text)} leads to no post of the fediverse that I can read.` }
}

async function open(url: string, text: string, context: CommandContext): Promise<CommandResult> {
  try {
    return await answerOf(await openPost(url, context.sender, context.deps), context)
  } catch (error) {
    if (error instanceof TransientError && error.of === 'remote')
      return awayBy(new URL(url).host, error)
    if (error instanceof RejectedError) return unreadable(text, error)
    throw error
  }
}

export const openCommand: Command = {
  name: 'open',
  args: '<link>',
  help: 'Brings any post of the fediverse into your notifications.',
  more: 'The link is that of the page where you found it. There you can answer, react and boost as anywhere. A post that you can read in one of your rooms already is linked.',
  examples: ['open https://social.example/@user/1234'],
  group: 'Follow',
  permission: 'follow',
  opensRoom: true,
  takes: [1, 1],
  doing: ([text = '']) => `Looking up ${quote(text)}.`,
  run: async ({ args: [text = ''] }, context) => {
    const target = parseTarget(text)
    if (target === undefined)
      return { text: `${quote(text)} is no link. It begins with \`https://\`.` }
    if ('url' in target) return open(target.url, text, context)
    const handle = displayHandle(target)
    return { text: `${handle} is an account: \`follow ${handle}\` brings its posts.` }
  },
}
