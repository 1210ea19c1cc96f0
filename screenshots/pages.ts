/** `npm run screenshots:pages [public|admin]`: the pages that browsers get, into docs/screenshots. Needs Chromium. */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { root } from '../test/support/admin-page.ts'
import { startAdminScene } from './admin-scene.ts'
import { startBrowser } from './browser.ts'
import { startScene } from './pages-scene.ts'

const folder = path.join(import.meta.dirname, '../docs/screenshots')

const wide = { width: 900, height: 1100 }
const narrow = { width: 390, height: 844 }

type Shot = {
  readonly name: string
  readonly path: string
  readonly viewport: typeof wide
  readonly colorScheme?: 'dark'
  /** All of it, not only what is seen first. */
  readonly isWhole?: true
  /** The button that is pressed before. */
  readonly press?: string
}

const shots: readonly Shot[] = [
  { name: 'page-profile', path: '/@alice', viewport: wide },
  { name: 'page-profile-dark', path: '/@alice', viewport: wide, colorScheme: 'dark' },
  { name: 'page-profile-phone', path: '/@alice', viewport: narrow, press: 'Follow' },
  { name: 'page-post', path: '/objects/picture', viewport: wide, isWhole: true },
  { name: 'page-landing', path: '/', viewport: { ...wide, height: 800 } },
  { name: 'page-about', path: '/about', viewport: wide, isWhole: true },
]

const adminWide = { width: 1000, height: 1000 }

/** Of who is logged in, unless it is where one comes in. */
const adminShots: readonly Shot[] = [
  {
    name: 'admin-login',
    path: '/admin/login',
    viewport: { ...adminWide, height: 620 },
    isWhole: true,
  },
  { name: 'admin-overview', path: '/admin', viewport: adminWide, isWhole: true },
  { name: 'admin-overview-dark', path: '/admin', viewport: adminWide, colorScheme: 'dark' },
  { name: 'admin-overview-phone', path: '/admin', viewport: narrow, isWhole: true },
  { name: 'admin-failed', path: '/admin/failed', viewport: { ...adminWide, height: 760 } },
  { name: 'admin-failed-phone', path: '/admin/failed', viewport: narrow, press: 'Forget it' },
  { name: 'admin-servers', path: '/admin/servers', viewport: { ...adminWide, height: 800 } },
  { name: 'admin-report', path: '/admin/reports/2', viewport: { ...adminWide, height: 800 } },
  { name: 'admin-blocks', path: '/admin/blocks', viewport: adminWide, isWhole: true },
  { name: 'admin-people', path: '/admin/people', viewport: { ...adminWide, height: 800 } },
]

async function shoot(page: Page, { name, isWhole, press }: Shot): Promise<void> {
  if (press !== undefined) {
    const button = page.getByText(press).first()
    await button.click()
    await button.evaluate('(it) => it.scrollIntoView({ block: "center" })')
  }
  const picture = await page.screenshot({ fullPage: isWhole === true })
  await sharp(picture)
    .png({ palette: true })
    .toFile(path.join(folder, `${name}.png`))
  console.log(`docs/screenshots/${name}.png`)
}

async function shootPages(browser: Browser): Promise<void> {
  const stage = await startScene()
  for (const shot of shots) {
    const { viewport, colorScheme = 'light' } = shot
    const page = await browser.newPage({ viewport, colorScheme })
    await page.goto(stage.publicUrl + shot.path, { waitUntil: 'networkidle' })
    await shoot(page, shot)
    await page.close()
  }
  await stage.close()
}

async function shootAdmin(browser: Browser): Promise<void> {
  const { url, linkOf, close } = await startAdminScene({ checkOpenId: async () => 'unknown' })
  for (const shot of adminShots) {
    const { viewport, colorScheme = 'light' } = shot
    const page = await browser.newPage({ viewport, colorScheme })
    await page.goto(url + linkOf(root))
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.goto(url + shot.path, { waitUntil: 'networkidle' })
    await shoot(page, shot)
    await page.close()
  }
  await close()
}

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const browser = await startBrowser()
  const only = process.argv[2]
  if (only !== 'admin') await shootPages(browser)
  if (only !== 'public') await shootAdmin(browser)
  await browser.close()
}

await main()
