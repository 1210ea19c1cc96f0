import { html, toText, type Html } from './html.ts'
import { publicAssets, type Assets } from './assets.ts'

/** What a page says of itself to search engines and to those who show links to it. */
export type Head = {
  readonly title: string
  readonly description?: string
  /** Where it really is. */
  readonly canonical?: string
  /** Search engines may show it. */
  readonly isIndexed?: boolean
  /** Further `link` and `meta` elements. */
  readonly more?: Html
  readonly preview?: {
    readonly type: 'profile' | 'article' | 'website'
    readonly image?: { readonly url: string; readonly alt: string; readonly isLarge?: boolean }
  }
}

const property = (name: string, content: string | undefined): Html =>
  html`${content !== undefined && html`<meta property="${name}" content="${content}" /> `}`

/** The Open Graph protocol, which whoever shows a link to the page reads. */
function previewOf({ title, description, canonical, preview }: Head, host: string): Html {
  if (preview === undefined) return html``
  const { type, image } = preview
  return html`${property('og:site_name', host)}${property('og:type', type)}${property('og:title', title)}${property('og:description', description)}${property('og:url', canonical)}${property('og:image', image?.url)}${property('og:image:alt', image?.alt)}<meta
      name="twitter:card"
      content="${image?.isLarge === true ? 'summary_large_image' : 'summary'}"
    /> `
}

/** Search engines are let in only where the author wishes it. */
export const robotsOf = ({ isIndexed = false }: Head): string =>
  isIndexed ? 'index, follow, noarchive' : 'noindex, nofollow'

export type Frame = {
  readonly title: string
  /** What else the head says. */
  readonly head: Html
  readonly header: Html
  readonly main: Html
  readonly footer?: Html
}

/** A whole document. `main` has the one `h1`. */
export const toWhole = (
  { title, head, header, main, footer }: Frame,
  { stylePath, iconPath }: Pick<Assets, 'stylePath' | 'iconPath'>,
): string =>
  toText(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title}</title>
          <meta name="color-scheme" content="light dark" />
          <meta name="generator" content="Footbridge" />
          ${head}
          <link rel="icon" type="image/svg+xml" href="${iconPath}" />
          <link rel="stylesheet" href="${stylePath}" />
        </head>
        <body>
          <a class="skip" href="#content">Skip to the content</a>
          <header class="site">${header}</header>
          <main id="content" tabindex="-1">${main}</main>
          ${footer && html`<footer class="site">${footer}</footer>`}
        </body>
      </html> `,
  )

/** A page for everybody. */
export function toDocument(head: Head, main: Html, publicUrl: string): string {
  const { host } = new URL(publicUrl)
  const { title, description, canonical, more } = head
  const { iconPath } = publicAssets
  const frame: Frame = {
    title: `${title} · ${host}`,
    head: html`${description !== undefined && html`<meta name="description" content="${description}" /> `}
      <meta name="robots" content="${robotsOf(head)}" />
      ${canonical !== undefined && html`<link rel="canonical" href="${canonical}" /> `}
      ${previewOf(head, host)}${more}`,
    header: html`<nav aria-label="This server">
      <a class="home" href="/"><img src="${iconPath}" alt="" width="28" height="28" />${host}</a>
      <a href="/about">About</a>
    </nav>`,
    main,
    footer: html`<p>
      ${host} joins Matrix and the fediverse.
      <a href="/about">Who runs it, and how to opt out</a>
    </p>`,
  }
  return toWhole(frame, publicAssets)
}
