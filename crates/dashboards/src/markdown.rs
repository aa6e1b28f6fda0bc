//! Markdown as HTML that can do nothing but be read.
//!
//! Raw HTML in the Markdown is shown as the text it is, and what the renderer makes goes through an
//! allow-list of tags all the same: either alone would keep script out. No images, for each would
//! tell another server who looks; no classes, ids or styles, which could imitate the page itself.

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, html};
use std::collections::{HashMap, HashSet};

/// What Markdown can make and nothing else.
const TAGS: [&str; 25] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
];

/// Turns Markdown into safe HTML. Links keep `http`, `https` and `mailto`; images become their
/// alternative text.
#[must_use]
pub fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(markdown, options).filter_map(plain);
    let mut raw = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut raw, events);
    sanitiser().clean(&raw).to_string()
}

/// Raw HTML becomes text; an image leaves its alternative text behind.
fn plain(event: Event) -> Option<Event> {
    use pulldown_cmark::{Tag, TagEnd};
    match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(Event::Text(html)),
        Event::Start(Tag::Image { .. } | Tag::HtmlBlock)
        | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => None,
        other => Some(other),
    }
}

fn sanitiser() -> Builder<'static> {
    let tags: HashSet<&str> = TAGS.into_iter().chain(["tr", "ul"]).collect();
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // A relative link would be one to the page itself, where links can do things.
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .strip_comments(true);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_reads_as_markdown() {
        let html =
            to_html("# Penguins\n\nSee *this* [page](https://example.org/a?b=1).\n\n- a\n- b");
        assert!(html.contains("<h1>Penguins</h1>"), "{html}");
        assert!(html.contains("<em>this</em>"), "{html}");
        assert!(
            html.contains(
                "<a href=\"https://example.org/a?b=1\" rel=\"noopener noreferrer nofollow\">page</a>"
            ),
            "{html}"
        );
        assert!(html.contains("<li>a</li>"), "{html}");
        let table = to_html("| a | b |\n|---|---|\n| 1 | 2 |");
        assert!(table.contains("<td>1</td>"), "{table}");
    }

    #[test]
    fn script_and_markup_show_as_text_or_not_at_all() {
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onmouseover=alert(1)>b</b>",
            "<svg><script>alert(1)</script></svg>",
            "<iframe src=\"https://evil.example\"></iframe>",
            "<style>*{display:none}</style>",
            "<p style=\"position:fixed\" class=x id=root>x</p>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "<!-- --><img src=x onerror=alert(1)> -->",
        ] {
            let html = to_html(attack);
            assert_only_known_tags(&html);
            assert!(!html.contains("<a"), "{attack}: {html}");
        }
    }

    #[test]
    fn links_that_are_no_links_lose_their_target() {
        for attack in [
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:x)",
            "[x](/api/v1/auth/logout)",
            "[x](//evil.example)",
            "[x](&#106;avascript:alert(1))",
            "[x]( java\u{0}script:alert(1))",
            "<javascript:alert(1)>",
        ] {
            let html = to_html(attack);
            assert!(!html.contains("href"), "{attack}: {html}");
        }
        assert!(to_html("[x](mailto:a@example.org)").contains("href=\"mailto:a@example.org\""));
    }

    #[test]
    fn images_become_their_words() {
        let html = to_html("![a penguin](https://tracker.example/x.png)");
        assert_eq!(html.trim(), "<p>a penguin</p>");
    }

    fn assert_only_known_tags(html: &str) {
        for (at, _) in html.match_indices('<') {
            let rest = html[at + 1..].trim_start_matches('/');
            let tag: String = rest
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            assert!(
                TAGS.contains(&tag.as_str()) || ["tr", "ul"].contains(&tag.as_str()),
                "{html}"
            );
        }
        // An attribute can only stand in a tag, and these are all we write.
        for (at, _) in html.match_indices('<') {
            let tag = html[at..].split('>').next().unwrap_or_default();
            assert!(!tag.contains("on") || !tag.contains('='), "{html}");
        }
    }

    #[test]
    fn nothing_is_lost_for_being_odd() {
        assert!(to_html("a < b & c > d").contains("a &lt; b &amp; c &gt; d"));
        assert_eq!(to_html(""), "");
    }
}
