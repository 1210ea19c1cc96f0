import { html, type Html } from './html.ts'

/** What went wrong with what somebody typed. */
export type Tried = { readonly account: string; readonly problem: string }

type Form = {
  /** The button, such as `Follow`. */
  readonly label: string
  /** Where it is sent. */
  readonly action: string
  /** What happens then, in a sentence. */
  readonly about: string
  readonly tried?: Tried | undefined
}

/**
 * A button that opens a form which asks for the visitor's account: their own server asks them the
 * rest. A plain form: no script, and nothing of it is kept.
 */
export function remoteForm({ label, action, about, tried }: Form): Html {
  const isWrong = tried !== undefined && html` aria-invalid="true" autofocus`
  const open = tried !== undefined && html` open`
  const described = tried === undefined ? 'account-help' : 'account-problem account-help'
  return html`<details class="remote" ${open}>
    <summary>${label}</summary>
    <form method="post" action="${action}">
      <label for="account">Your account on the fediverse</label>
      ${tried && html`<p class="problem" id="account-problem" role="alert">${tried.problem}</p>`}
      <div class="line">
        <input
          id="account"
          name="account"
          value="${tried?.account}"
          placeholder="@you@your.server"
          required
          maxlength="300"
          inputmode="email"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          aria-describedby="${described}"
          ${isWrong}
        />
        <button>Go to your server</button>
      </div>
      <p class="fine" id="account-help">${about}</p>
    </form>
  </details> `
}
