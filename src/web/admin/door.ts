import { html } from '../pages/html.ts'
import type { AdminView } from './view.ts'

/** What one may log in with, and what went wrong with the last try. */
export type Door = {
  readonly takesOpenId: boolean
  readonly problem?: string
  /** What a link brought. */
  readonly link?: string
}

const problemView = (problem: string | undefined) =>
  html`${
    problem !== undefined &&
    html`<div class="notice bad" role="alert" tabindex="-1" autofocus><p>${problem}</p></div>`
  }`

const linkView = (link: string) =>
  html`<form class="card" method="post" action="/admin/login">
    <p>Your link is good, once.</p>
    <input type="hidden" name="link" value="${link}" />
    <button class="main" autofocus>Log in</button>
  </form>`

const howView = html`<section class="card" aria-labelledby="by-link">
  <h2 id="by-link">With a link</h2>
  <p>
    Write <code>login</code> to the bot, in your chat with it. It answers with a link that is good
    once, for ten minutes.
  </p>
  <p>Or on the machine that Footbridge runs on:</p>
  <pre><code>footbridge admin login</code></pre>
</section>`

const openIdView = html`<section class="card" aria-labelledby="by-token">
  <h2 id="by-token">With an OpenID token</h2>
  <form class="fields-form" method="post" action="/admin/login">
    <div>
      <label for="openid">OpenID token of your homeserver</label>
      <textarea
        id="openid"
        name="openid"
        required
        maxlength="2000"
        autocomplete="off"
        autocapitalize="none"
        spellcheck="false"
        aria-describedby="openid-help"
      ></textarea>
      <p class="fine" id="openid-help">
        What <code>POST /_matrix/client/v3/user/&lt;your id&gt;/openid/request_token</code> answers,
        all of it or its <code>access_token</code> alone.
      </p>
    </div>
    <div><button class="main">Log in</button></div>
  </form>
</section>`

/** Where admins come in. */
export const doorView = ({ takesOpenId, problem, link }: Door): AdminView => ({
  title: 'Log in',
  main:
    link === undefined
      ? html`${problemView(problem)}
          <p>This page is for the admins of this bridge.</p>
          ${howView} ${takesOpenId && openIdView}`
      : html`${problemView(problem)} ${linkView(link)}`,
})
