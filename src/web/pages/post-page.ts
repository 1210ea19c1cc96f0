import { plainText } from './clean-html.ts'
import { html, type Html } from './html.ts'
import type { Head } from './layout.ts'
import { postView, referenceView } from './post-view.ts'
import { isPost, type Author, type Post, type Reference } from './read-post.ts'
import { remoteForm, type Tried } from './remote-form.ts'

/** Everything the page of a post shows. */
export type PostPage = {
  readonly post: Post
  readonly answers: readonly (Post | Reference)[]
  readonly tried?: Tried
}

/** What may stand in a list of links: a warning hides what is behind it there too. */
export function summaryOf({ note }: Post, most: number): string {
  if (note.summary !== undefined) return plainText(note.summary, most)
  const words = plainText(note.content, most)
  if (words !== '') return words
  return note.attachments.length > 0 ? 'A post with media.' : 'A post.'
}

function imageOf({ note, author }: Post) {
  const isOpen = !note.sensitive && note.summary === undefined
  const picture = isOpen ? note.attachments.find(({ type }) => type === 'Image') : undefined
  if (picture !== undefined)
    return { url: picture.url, alt: picture.name ?? `Picture by ${author.name}`, isLarge: true }
  return author.avatar === undefined
    ? undefined
    : { url: author.avatar, alt: `Picture of ${author.name}` }
}

export function postHead(post: Post): Head {
  const { note, author, isListed } = post
  const image = imageOf(post)
  return {
    title: `${author.name}: ${summaryOf(post, 60)}`,
    description: summaryOf(post, 300),
    canonical: note.url,
    isIndexed: isListed && author.actor.profile?.isIndexable === true,
    preview: { type: 'article', ...(image === undefined ? {} : { image }) },
    more: html`<meta
        property="article:published_time"
        content="${new Date(note.published).toISOString()}"
      />
      <meta name="author" content="${author.name}" />
      <meta name="fediverse:creator" content="${author.handle}" />
      <link rel="alternate" type="application/activity+json" href="${note.id}" /> `,
  }
}

const answerForm = ({ note }: Post, tried: Tried | undefined): Html =>
  remoteForm({
    label: 'Answer, boost or like',
    action: `${new URL(note.id).pathname}/answer`,
    about: 'Your server then shows you this post. Nothing of what you write here is kept.',
    tried,
  })

export const answerView = (answer: Post | Reference, publicUrl: string): Html =>
  isPost(answer) ? postView(answer, publicUrl) : referenceView(answer)

export function postPage({ post, answers, tried }: PostPage, publicUrl: string): Html {
  return html`<h1 class="hidden">A post by ${post.author.name}</h1>
    <div class="whole">${postView(post, publicUrl)}</div>
    ${answerForm(post, tried)}
    ${
      answers.length > 0 &&
      html`<section aria-labelledby="answers">
        <h2 id="answers">Replies</h2>
        ${answers.map((one) => answerView(one, publicUrl))}
      </section>`
    }`
}

/** Of somebody who is not on pages: where to read it. */
export function closedPost({ handle }: Author, id: string): Html {
  return html`<h1>A post by ${handle}</h1>
    <p>
      To read it, search for its address on the server of the fediverse where you have an account:
    </p>
    <p><code>${id}</code></p>`
}
