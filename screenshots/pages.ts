/** `npm run screenshots:pages`: the pages that browsers get, into docs/screenshots. Needs Chromium. */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
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

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const stage = await startScene()
  const browser = await startBrowser()
  for (const { name, path: at, isWhole = false, press, viewport, colorScheme = 'light' } of shots) {
    const page = await browser.newPage({ viewport, colorScheme })
    await page.goto(stage.publicUrl + at, { waitUntil: 'networkidle' })
    if (press !== undefined) {
      const button = page.getByText(press, { exact: true })
      await button.click()
      await button.evaluate('(it) => it.scrollIntoView({ block: "center" })')
    }
    const picture = await page.screenshot({ fullPage: isWhole })
    await sharp(picture)
      .png({ palette: true })
      .toFile(path.join(folder, `${name}.png`))
    await page.close()
    console.log(`docs/screenshots/${name}.png`)
  }
  await browser.close()
  await stage.close()
}

await main()
