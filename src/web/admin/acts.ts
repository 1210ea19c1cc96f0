import type { Request } from 'express'
import type { AdminCommand } from '../../model/admin-view.ts'
import { longestComment } from '../../model/domain-block.ts'
import { fieldOf } from '../form.ts'

/** What a form does: the command of a chat that does the same, and where its reader goes on. */
type Act = (request: Request) => (AdminCommand & { readonly back: string }) | undefined

const numberIn = (request: Request, name: string): string | undefined => {
  const value = fieldOf(request, name, 15)
  return value !== undefined && /^\d{1,15}$/.test(value) ? value : undefined
}

/** One word that is no option of a command. */
function wordIn(request: Request, name: string): string | undefined {
  const value = fieldOf(request, name, 2_048)?.trim()
  return value === undefined || value === '' || /^[-—–]|\s/.test(value) ? undefined : value
}

const onJob =
  (deed: 'retry' | 'drop'): Act =>
  (request) => {
    const id = numberIn(request, 'id')
    return id === undefined ? undefined : { words: ['failed', deed, id], back: '/admin/failed' }
  }

const resolve: Act = (request) => {
  const number = numberIn(request, 'number')
  return number === undefined
    ? undefined
    : { words: ['reports', 'resolve', number], back: `/admin/reports/${number}` }
}

/** From a report one goes back to it. */
const onAccount =
  (command: 'suspend' | 'unsuspend'): Act =>
  (request) => {
    const account = wordIn(request, 'account')
    const report = numberIn(request, 'report')
    const back = report === undefined ? '/admin/blocks' : `/admin/reports/${report}`
    return account === undefined ? undefined : { words: [command, account], back }
  }

const back = '/admin/blocks'

/** How everybody reads of a block; what is left empty stays as it was. */
function shownOptions(request: Request): readonly string[] {
  const shown = fieldOf(request, 'shown', 20)
  const comment = (fieldOf(request, 'comment', longestComment) ?? '').trim()
  return [
    ...(shown === 'in-part' ? ['--obfuscate'] : []),
    ...(shown === 'whole' ? ['--no-obfuscate'] : []),
    ...(comment === '' ? [] : ['--public-comment', comment]),
  ]
}

const block: Act = (request) => {
  const domain = wordIn(request, 'domain')
  const severity = fieldOf(request, 'severity', 20)
  if (domain === undefined) return undefined
  if (severity === 'allow') return { words: ['allow-domain', domain], back }
  const kinds = [
    ...(severity === 'silence' ? ['--silence'] : []),
    ...(fieldOf(request, 'media', 5) === 'on' ? ['--no-media'] : []),
    ...(fieldOf(request, 'reports', 5) === 'on' ? ['--no-reports'] : []),
  ]
  // Files and reports are a part of everything.
  const isWhole = severity === 'suspend'
  if (!isWhole && (kinds.length === 0 || !['silence', 'part'].includes(severity ?? '')))
    return undefined
  const options = [...(isWhole ? ['--suspend'] : kinds), ...shownOptions(request)]
  // A dash at its beginning would make an option of it.
  const text = (fieldOf(request, 'reason', longestComment) ?? '').trim().replace(/^[-—–]+\s*/, '')
  return { words: ['block-domain', domain, ...options], text, back }
}

const unblock: Act = (request) => {
  const domain = wordIn(request, 'domain')
  return domain === undefined ? undefined : { words: ['unblock-domain', domain], back }
}

/** What is kept away stays as it was. */
const withoutComment: Act = (request) => {
  const domain = wordIn(request, 'domain')
  return domain === undefined
    ? undefined
    : { words: ['block-domain', domain, '--public-comment', ''], back }
}

/** By the name that its form is sent to. */
export const acts: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['retry', onJob('retry')],
  ['drop', onJob('drop')],
  ['resolve', resolve],
  ['suspend', onAccount('suspend')],
  ['unsuspend', onAccount('unsuspend')],
  ['block', block],
  ['unblock', unblock],
  ['without-comment', withoutComment],
  ['retry-all', () => ({ words: ['failed', 'retry', 'all'], back: '/admin/failed' })],
])
