import express from 'express'
import { createAdminDesk } from '../../src/commands/admin-desk.ts'
import type { Permission } from '../../src/bridge/ports.ts'
import { asUserId, type UserId } from '../../src/model/ids.ts'
import type { NewJob } from '../../src/model/job.ts'
import type { Queue } from '../../src/queue/queue.ts'
import { createSystemRandom } from '../../src/net/clock.ts'
import { adminRoutes, type AdminPageDeps } from '../../src/web/admin/routes.ts'
import { createSessions, type Sessions } from '../../src/web/admin/sessions.ts'
import { createRecordingLog } from '../matrix/setup.ts'
import { startLoopback } from '../net/loopback.ts'
import { createBridge, type Bridge } from './bridge.ts'

export const root = asUserId('@root:hs.test')
export const alice = asUserId('@alice:hs.test')

/** The admin page on loopback, over a bridge of its own. */
export type AdminStage = {
  readonly url: string
  readonly bridge: Bridge
  readonly queue: Queue
  readonly sessions: Sessions
  readonly permissions: Map<UserId, Permission>
  readonly lines: ReturnType<typeof createRecordingLog>['lines']
  /** Gives a job up, as the worker does; answers its number. */
  readonly giveUp: (job: NewJob, error: string) => Promise<number>
  /** The path that logs that user in, once. */
  readonly linkOf: (userId: UserId) => string
  readonly close: () => Promise<void>
}

export async function startAdminPage(given: Partial<AdminPageDeps> = {}): Promise<AdminStage> {
  const permissions = new Map<UserId, Permission>([[root, 'admin']])
  const permissionOf = (userId: UserId): Permission => permissions.get(userId) ?? 'user'
  const bridge = await createBridge({ permissionOf })
  const { log, lines } = createRecordingLog()
  const deps = { ...bridge.deps, log }
  const sessions = createSessions({ clock: bridge.clock, random: createSystemRandom() })
  const desk = createAdminDesk(deps, { isAllowList: () => false })
  const routes = adminRoutes({ sessions, desk, log, takeTry: () => 0, ...given })
  const app = express().disable('etag').set('query parser', 'simple').use(routes)
  const { origin: url, close } = await startLoopback(app)
  const queue = deps.jobs as Queue
  const isMachine = (userId: UserId): boolean => userId === deps.identity.bot
  return {
    ...{ url, bridge, queue, sessions, permissions, lines },
    linkOf: (userId) =>
      `/admin/login?link=${sessions.invite({ userId, isMachine: isMachine(userId) })}`,
    async giveUp(job, error) {
      await queue.add([job])
      const [claimed] = await queue.claim(job.kind, 1)
      if (claimed === undefined) throw new Error('something else waits')
      await queue.bury(claimed, error)
      return claimed.id
    },
    close,
  }
}

export type Answered = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** What a browser without scripts does, with a cookie of its own. */
export type Visitor = {
  readonly get: (path: string) => Promise<Answered>
  readonly post: (
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answered>
  /** Sends a form of the page that was seen last, with its hidden fields and these. */
  readonly submit: (path: string, fields?: Readonly<Record<string, string>>) => Promise<Answered>
  readonly logIn: (userId: UserId) => Promise<Answered>
  cookie: string
}

const unescape = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => {
    const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
    return characters[name] ?? "'"
  })

/** Hidden fields of the first form that is sent there. */
function hiddenIn(text: string, action: string): Record<string, string> {
  const form = text.split('<form').find((part) => part.includes(`action="${action}"`)) ?? ''
  const inputs = form
    .split('</form>')[0]
    ?.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
  return Object.fromEntries(
    [...(inputs ?? [])].map(([, name = '', value = '']) => [name, unescape(value)]),
  )
}

export function visitorOf({ url, linkOf }: Pick<AdminStage, 'url' | 'linkOf'>): Visitor {
  let seen = ''
  const visitor: Visitor = {
    cookie: '',
    async get(path) {
      const response = await fetch(url + path, {
        redirect: 'manual',
        headers: visitor.cookie === '' ? {} : { cookie: visitor.cookie },
      })
      return take(response)
    },
    async post(path, fields, headers = { 'sec-fetch-site': 'same-origin' }) {
      const response = await fetch(url + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { ...headers, ...(visitor.cookie === '' ? {} : { cookie: visitor.cookie }) },
        body: new URLSearchParams(fields),
      })
      return take(response)
    },
    submit: (path, fields = {}) => visitor.post(path, { ...hiddenIn(seen, path), ...fields }),
    async logIn(userId) {
      await visitor.get(linkOf(userId))
      return visitor.submit('/admin/login')
    },
  }
  async function take(response: Response): Promise<Answered> {
    const set = response.headers.get('set-cookie')
    if (set !== null) visitor.cookie = set.split(';')[0] ?? ''
    const text = await response.text()
    if (text !== '') seen = text
    return { status: response.status, headers: response.headers, text }
  }
  return visitor
}
