import { html, type Html } from './html.ts'
import type { PageDeps } from './reads.ts'

export type PlainPage = { readonly title: string; readonly main: Html }

const plain = (title: string, text: Html): PlainPage => ({
  title,
  main: html`<h1>${title}</h1>
    ${text}`,
})

const leads = html`<p><a href="/">What this server is</a></p>`

export const missing = plain(
  'Nothing here',
  html`<p>There is no such page, or it is not for everybody.</p>
    ${leads}`,
)

export const gone = plain(
  'Deleted',
  html`<p>What was here was deleted.</p>
    ${leads}`,
)

export const refused = plain(
  'That did not work',
  html`<p>
      The address is not complete, or a form was not sent whole from a page of this server. Go back,
      and try it from there.
    </p>
    ${leads}`,
)

export const hashtag = (name: string): PlainPage =>
  plain(
    `#${name}`,
    html`<p>
      Posts are not listed by hashtag here. Search for #${name} on the server where you have an
      account.
    </p>`,
  )

/** For whoever opens the bare address, from either side. */
export function welcome({ bot, handleDomain, serverName }: PageDeps): PlainPage {
  const chat = `https://matrix.to/#/${encodeURIComponent(bot)}`
  return {
    title: 'Matrix and the fediverse, joined',
    main: html`<div class="hero">
        <h1>Matrix and the fediverse, joined</h1>
        <p>
          Here people on Matrix and people on the fediverse reach each other, each from where they
          have their account.
        </p>
      </div>
      <div class="ways">
        <section class="card">
          <h2>You are on Matrix</h2>
          <ol>
            <li>
              Open a direct chat with <a href="${chat}"><code>${bot}</code></a
              >.
            </li>
            <li>It says who you are on the fediverse.</li>
            <li>
              Write <code>follow @user@host</code>, and the posts of that account come into a room.
            </li>
          </ol>
        </section>
        <section class="card">
          <h2>You are on the fediverse</h2>
          <ol>
            <li>
              Search on your own server (Mastodon, for instance) for the address of somebody here,
              which ends in <b>@${handleDomain}</b>.
            </li>
            <li>Follow it, or write to it, as to anybody else.</li>
            <li>They read it on Matrix (${serverName}), and answer from there.</li>
          </ol>
        </section>
      </div>
      <h2>Only who wants to</h2>
      <p>
        Nobody is here who has not chosen to be. Whoever is followed or written to from here and
        does not want it blocks the account that does it: nothing passes between the two any more.
      </p>
      <p><a href="/about">Who runs this server, what it keeps, and how to opt out</a></p>`,
  }
}
