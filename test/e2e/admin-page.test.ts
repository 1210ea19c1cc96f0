import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { startAdminScene } from '../../screenshots/admin-scene.ts'
import { startBrowser } from '../../screenshots/browser.ts'
import { root, type AdminStage } from '../support/admin-page.ts'
import { freePort } from '../support/free-port.ts'
import { faultsOf, tabTo } from './support/browser.ts'
import { describeWith } from './support/peers.ts'
import { repository, runProgram } from './support/process.ts'
import { shown } from './support/scene.ts'
import { type Guest, type Stack, startStack } from './support/stack.ts'
import { waitUntil } from './support/wait.ts'

const wide = { width: 1100, height: 900 }
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true }
const main = ['/admin', '/admin/failed', '/admin/reports/2', '/admin/blocks']
const others = ['/admin?days=7', '/admin/failed/2', '/admin/servers', '/admin/reports']
const rest = [...others, '/admin/people', '/admin/nothing', '/admin/login']

type Window = { readonly options: BrowserContextOptions; readonly paths: readonly string[] }

const windows: readonly (readonly [string, Window])[] = [
  ['light', { options: { viewport: wide }, paths: [...main, ...rest] }],
  ['dark', { options: { colorScheme: 'dark', viewport: wide }, paths: main }],
  ['phone', { options: phone, paths: [...main, ...rest] }],
  ['forced colours', { options: { forcedColors: 'active' }, paths: ['/admin', '/admin/login'] }],
]

/** Opens a link and presses the button that has the focus. */
async function logIn(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await waitUntil('the button to have the focus', async () =>
    page.evaluate<boolean>('document.activeElement.tagName === "BUTTON"'),
  )
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

describeWith(['chromium'], 'the admin page in a browser', () => {
  let stage: AdminStage
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  beforeEach(async () => {
    stage = await startAdminScene({ checkOpenId: async () => 'unknown' })
  })
  afterEach(() => stage.close())
  afterAll(() => browser.close())

  const enter = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    await logIn(page, stage.url + stage.linkOf(root))
    await page.close()
    return context
  }

  test.each(windows)('is without a fault for axe, %s', async (_, { options, paths }) => {
    const context = await enter(options)
    for (const at of [...paths, stage.linkOf(root)]) {
      const page = await context.newPage()
      expect([at, await faultsOf(page, stage.url + at)]).toEqual([at, []])
      await page.close()
    }
    await context.close()
  })

  test.each(windows)(
    'is without a fault where all that opens is open, %s',
    async (_, { options }) => {
      const context = await enter(options)
      for (const at of ['/admin', '/admin/failed', '/admin/reports/2']) {
        const page = await context.newPage()
        await page.goto(stage.url + at)
        for (const summary of await page.locator('summary').all()) await summary.click()
        expect([at, await faultsOf(page)]).toEqual([at, []])
        await page.close()
      }
      await context.close()
    },
  )

  test.each(windows.slice(0, 3))(
    'tries again by the keyboard alone, %s',
    async (_, { options }) => {
      const context = await enter(options)
      const page = await context.newPage()
      await page.goto(`${stage.url}/admin`)
      await tabTo(page, 'Given up')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Given up', exact: true }).waitFor()
      await tabTo(page, 'Try again 2')
      await page.keyboard.press('Enter')
      await page.getByText('2 is tried again.').waitFor()
      // Whoever cannot see is where the answer is.
      expect(await page.evaluate<string>('document.activeElement.getAttribute("role")')).toBe(
        'status',
      )
      const failed = await stage.queue.listFailed({ limit: 10 })
      expect(failed.map(({ id }) => id)).toEqual([3, 1])
      await tabTo(page, 'Forget it 3')
      await page.keyboard.press('Enter')
      await tabTo(page, 'Forget 3 for good')
      await page.keyboard.press('Enter')
      await page.getByText('3 is forgotten').waitFor()
      expect((await stage.queue.listFailed({ limit: 10 })).map(({ id }) => id)).toEqual([1])
      await context.close()
    },
  )

  test('blocks a server and closes a report, without scripts', async () => {
    const context = await enter({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${stage.url}/admin/blocks`)
    await page.getByLabel('Domain').fill('worse.example')
    await page.getByLabel('What nobody asked for.').check()
    await page.getByLabel('Take no reports from it').check()
    await page.getByLabel('Reason, for admins').fill('Asks & asks')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('worse.example is blocked').waitFor()
    expect(await stage.bridge.store.findDomainBlock('worse.example')).toMatchObject({
      ...{ severity: 'silence', rejectsReports: true, reason: 'Asks & asks', by: root },
    })
    await page.goto(`${stage.url}/admin/reports`)
    await page.getByRole('button', { name: 'Close report 1' }).click()
    await page.getByText(`Closed by ${root}`).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in', exact: true }).waitFor()
    await page.goto(`${stage.url}/admin/people`)
    expect(new URL(page.url()).pathname).toBe('/admin/login')
    await context.close()
  })

  test('is dark where the reader wants that', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await enter({ colorScheme })
      const page = await context.newPage()
      await page.goto(`${stage.url}/admin`)
      const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
      const [red = ''] = /\d+/.exec(ground) ?? []
      expect(Number(red) > 128).toBe(colorScheme === 'light')
      await context.close()
    }
  })

  test('is not acted on from another page', async () => {
    const context = await enter()
    const page = await context.newPage()
    // Another site of the same machine: another port is another origin, but the same site.
    const { url } = stage
    await page.route('http://127.0.0.1:1/*', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${url}/admin/do/retry-all"><button>Win</button></form>`,
      }),
    )
    await page.goto('http://127.0.0.1:1/trap')
    await page.getByRole('button', { name: 'Win' }).click()
    await page.getByRole('heading', { name: 'That did not work' }).waitFor()
    expect(await stage.queue.listFailed({ limit: 10 })).toHaveLength(3)
    await context.close()
  })
})

describeWith(['synapse', 'chromium'], 'the admin page of a bridge that runs', () => {
  let stack: Stack
  let admin: Guest
  let browser: Browser
  let url: string
  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    ;[stack, browser] = await Promise.all([
      startStack({ admins: ['root'], adminPage: { port, openid: 'on' } }),
      startBrowser(),
    ])
    admin = await stack.meet('root')
  })
  afterAll(async () => {
    await browser.close()
    await stack.stop()
  })

  const linkIn = (text: string): string => /http\S+/.exec(text)?.[0] ?? ''

  /** As if what the bot was to tell its admin had been given up. */
  function giveUpNotice(text: string): void {
    const database = new Sqlite(stack.databasePath)
    const payload = { type: 'tell', key: 'test', text, userId: admin.client.userId }
    database
      .prepare(
        `insert into failed_job (id, kind, key, lane, attempts, claims, added_at, failed_at, error, payload)
         values (900001, 'upkeep', 'tell test', 'upkeep:tell test', 8, 8, ?, ?, 'TransientError: no', ?)`,
      )
      .run(Date.now(), Date.now(), JSON.stringify(payload))
    database.close()
  }

  test('is entered by a link that the bot gives, and what was given up is done after all', async () => {
    const page = await browser.newPage()
    const link = linkIn(await admin.command('login'))
    expect(link).toMatch(new RegExp(`^${url}/admin/login\\?link=[\\w-]{44}$`))
    await logIn(page, link)
    expect(await page.innerText('footer')).toContain(admin.client.userId)
    giveUpNotice('This was tried again.')
    await page.getByRole('link', { name: 'Given up', exact: true }).click()
    await page.getByRole('button', { name: 'Try again 900001' }).click()
    await page.getByText('900001 is tried again.').waitFor()
    await shown(admin.client, admin.management, 'This was tried again.')
    await waitUntil('the line in the log', async () =>
      stack.bridge
        .log()
        .some(({ act, by }) => act === 'failed retry 900001' && by === admin.client.userId),
    )
    expect(stack.bridge.output()).not.toContain(link)
    await page.goto(link)
    expect(await page.getByRole('alert').textContent()).toContain('not good any more')
    await page.close()
  })

  test('is entered by an OpenID token of an admin, and of nobody else', async () => {
    const tokenOf = ({ client }: Guest) =>
      client.request<object>(
        'POST',
        `v3/user/${encodeURIComponent(client.userId)}/openid/request_token`,
        {},
      )
    const page = await (await browser.newContext()).newPage()
    const alice = await stack.meet('alice')
    await page.goto(`${url}/admin`)
    const field = page.getByLabel('OpenID token of your homeserver')
    await field.fill(JSON.stringify(await tokenOf(alice)))
    await page.getByRole('button', { name: 'Log in' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('not good')
    await field.fill(JSON.stringify(await tokenOf(admin)))
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.goto(`${url}/admin/people`)
    expect(await page.innerText('main')).toContain('Nobody is yet.')
    // It is noted from the start on how much waits.
    await page.goto(`${url}/admin`)
    expect(await page.locator('svg.plot').count()).toBe(1)
    await page.close()
  })

  test('is entered from the machine itself', async () => {
    const bin = path.join(repository, 'bin/footbridge.js')
    const said = await runProgram([
      ...([process.execPath, bin, 'admin', '-c', stack.configPath, 'login'] as const),
    ])
    const page = await (await browser.newContext()).newPage()
    await logIn(page, linkIn(said))
    expect(await page.innerText('footer')).toContain('from the machine itself')
    await page.close()
  })

  test('is nowhere else', async () => {
    for (const base of [stack.publicUrl, stack.appservice.url])
      expect(await (await fetch(`${base}/admin/login`)).text()).not.toContain('admin login')
    expect((await fetch(`${url}/@root`)).status).toBe(404)
  })
})
