import type { Command, CommandContext, CommandResult } from './command.ts'
import { quotesOfUser, revokeQuote } from '../bridge/quotes.ts'
import { page } from './page.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

/** Around a link that was typed. */
const bare = (text: string): string => text.replace(/^[<("'`]+/, '').replace(/[>)"'`.,]+$/, '')

async function list(number: string | undefined, context: CommandContext): Promise<CommandResult> {
  const { sender, deps } = context
  const owner = await deps.store.findLocalActorByUser(sender)
  const given = owner === undefined ? [] : await quotesOfUser(owner, deps)
  if (given.length === 0)
    return { text: 'Nobody quotes your posts. `settings quotes` says who may.' }
  const lines = given.map(
    ({ handle, url, stamp }) => `${handle}: ${url} quotes ${stamp.interactionTarget}`,
  )
  return (
    page(lines, { title: 'Posts that quote yours', command: 'quotes', number }) ?? usage(quotes)
  )
}

async function revoke(text: string, { sender, deps }: CommandContext): Promise<CommandResult> {
  const owner = await deps.store.findLocalActorByUser(sender)
  const given = owner === undefined ? [] : await quotesOfUser(owner, deps)
  const link = bare(text)
  const found = given.find(({ url, stamp }) => url === link || stamp.interactingObject === link)
  if (found === undefined)
    return { text: `${quote(text)} does not quote a post of yours. \`quotes\` shows what does.` }
  return {
    text: `${found.handle} may not quote your post any more. Their server is told, and should take it out.`,
    actions: await revokeQuote(found.stamp, deps),
  }
}

export const quotes: Command = {
  name: 'quotes',
  args: '[page] | revoke <link>',
  help: 'Lists the posts that quote yours, or takes the permission for one back.',
  more: '`settings quotes` says who may quote you: `everyone`, `followers` or `nobody`.',
  examples: ['quotes', 'quotes revoke https://social.example/@user/1'],
  group: 'Publish',
  permission: 'user',
  takes: [0, 2],
  doing: () => 'Reading your list.',
  run: async ({ args: [first, link, ...more] }, context) => {
    if (first?.toLowerCase() !== 'revoke') {
      return link === undefined ? list(first, context) : usage(quotes)
    }
    return link === undefined || more.length > 0 ? usage(quotes) : revoke(link, context)
  },
}
