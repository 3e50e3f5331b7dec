package chat

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat/chattest"
)

const (
	slackToken      = "xoxb-1"
	slackSecret     = "8f742231b10e8888abcd99yyyzzz85a5"
	slackRoom       = "C0123456789"
	mattermostToken = "bot-token"
	mattermostRoom  = "abcdefghijklmnopqrstuvwxyz"
)

func at() time.Time { return time.Date(2026, time.November, 21, 3, 12, 0, 0, time.UTC) }

// evil is what an alert's title must not do.
const evil = "<!channel> @here @all @channel [Acknowledge](https://evil.example) <https://evil.example|OK> *bold* ~town-square & <@U1>"

func card() *Card {
	return &Card{
		Urgency: ticket.Critical, Head: "CRITICAL · I261121_0001", Title: evil, Lines: []string{"Nobody has it", evil},
		Buttons: []Button{{Action: "acknowledge", Label: "I take it", Value: "I261121_0001 1", Primary: true}},
		Link:    "https://astreinte.example.net/tickets/I261121_0001", Open: "Open",
	}
}

// stage is a product with a room in it.
type stage struct {
	name string
	room Room
	set  interface {
		Messages() []chattest.Message
		Wrong() []string
		Fail(f func(string) *http.Response)
		Delete(id string)
	}
}

func stages() []stage {
	slack := chattest.NewSlack(slackToken, slackSecret, at, slackRoom)
	mattermost := chattest.NewMattermost(mattermostToken, mattermostRoom, at)
	teams := chattest.NewTeams("hush", at)
	return []stage{
		{Slack, NewSlack(SlackConfig{Name: "ops", Channel: slackRoom, Token: slackToken, Secret: slackSecret, HTTP: slack}), slack},
		{Mattermost, NewMattermost(MattermostConfig{Name: "ops", URL: "https://mm.example.net", Channel: mattermostRoom, Token: mattermostToken, Door: "https://astreinte.example.net/chat/mattermost/ops", HTTP: mattermost}), mattermost},
		{Teams, NewTeams(TeamsConfig{Name: "ops", URL: "https://flow.example.net/x?sig=hush", HTTP: teams}), teams},
	}
}

// TestAMessagesLife: it is posted, changed and answered, and a title mentions nobody
// and is no link.
func TestAMessagesLife(t *testing.T) {
	for _, s := range stages() {
		id, err := s.room.Post(t.Context(), card(), "once")
		if err != nil || id == "" {
			t.Fatalf("%s: %q, %v", s.name, id, err)
		}
		traits := s.room.Traits()
		if traits.Product != s.name || traits.Every <= 0 {
			t.Errorf("%s: %+v", s.name, traits)
		}
		if traits.Edits {
			other := card()
			other.Taken, other.Lines = true, []string{"Alice has it"}
			if err := s.room.Edit(t.Context(), id, other); err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
			if err := s.room.Reply(t.Context(), id, "on my way "+evil, "n"); err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
		}
		got := s.set.Messages()
		if len(s.set.Wrong()) > 0 {
			t.Errorf("%s: %v", s.name, s.set.Wrong())
		}
		switch {
		case s.name == Teams && (len(got) != 1 || got[0].Buttons["Action.OpenUrl"] != card().Link):
			t.Errorf("%s: %+v", s.name, got)
		case s.name != Teams && (len(got) != 2 || got[0].Edits != 1 || got[1].Thread != id || !strings.Contains(got[0].Text, "Alice has it")):
			t.Errorf("%s: %+v", s.name, got)
		}
		if s.name == Mattermost {
			for _, m := range got {
				for _, word := range []string{"@here", "@all", "@channel", "[Acknowledge](", "~town", " *bold"} {
					if strings.Contains(m.Text, word) {
						t.Errorf("%q in %q", word, m.Text)
					}
				}
			}
		}
		if s.name == Slack && (!strings.Contains(got[0].Text, evil) || strings.Contains(got[1].Text, "<!channel>")) {
			t.Errorf("plain text: %q, %q", got[0].Text, got[1].Text)
		}
	}
}

// TestRefusals: what each product answers, and what it means.
func TestRefusals(t *testing.T) {
	slack := func(code string) *http.Response {
		return chattest.Answer(200, map[string]any{"ok": false, "error": code})
	}
	mattermost := func(status int, id string) *http.Response {
		return chattest.Answer(status, map[string]any{"id": id})
	}
	for _, c := range []struct {
		product string
		answer  *http.Response
		edit    bool
		want    Refusal // without Advice
	}{
		{Slack, slack("invalid_auth"), false, Refusal{Code: "invalid_auth"}},
		{Slack, slack("token_expired"), true, Refusal{Code: "token_expired"}},
		{Slack, slack("channel_not_found"), false, Refusal{Code: "channel_not_found"}},
		{Slack, slack("message_not_found"), true, Refusal{Code: "message_not_found", Gone: true}},
		{Slack, slack("invalid_blocks"), false, Refusal{Code: "invalid_blocks", Final: true}},
		{Slack, slack("something_new"), false, Refusal{Code: "something_new"}},
		{Slack, slack(""), false, Refusal{Code: "unknown_error"}},
		{Slack, chattest.Answer(429, map[string]any{"ok": false, "error": "ratelimited"}, "Retry-After", "30"), false, Refusal{Code: "http_429", TooFast: true, After: 30 * time.Second}},
		{Slack, chattest.Answer(503, "away"), false, Refusal{Code: "http_503"}},
		{Slack, chattest.Answer(302, nil, "Location", "https://elsewhere.example"), false, Refusal{Code: "http_302"}},
		{Mattermost, mattermost(401, "api.context.session_expired.app_error"), false, Refusal{Code: "api.context.session_expired.app_error"}},
		{Mattermost, mattermost(403, "api.context.permissions.app_error"), false, Refusal{Code: "api.context.permissions.app_error"}},
		{Mattermost, mattermost(404, "app.post.get.app_error"), true, Refusal{Code: "app.post.get.app_error", Gone: true}},
		{Mattermost, mattermost(400, "api.post.update_post.permissions_details.app_error"), true, Refusal{Code: "api.post.update_post.permissions_details.app_error", Gone: true}},
		{Mattermost, mattermost(400, "model.post.is_valid.props.app_error"), false, Refusal{Code: "model.post.is_valid.props.app_error", Final: true}},
		{Mattermost, chattest.Answer(429, "limit exceeded", "X-Ratelimit-Reset", "2"), false, Refusal{Code: "http_429", TooFast: true, After: 2 * time.Second}},
		{Mattermost, chattest.Answer(200, "<html>"), false, Refusal{Code: "no_id"}},
		{Mattermost, chattest.Answer(200, "<html>"), true, Refusal{Code: "no_id"}},
		{Teams, chattest.Answer(401, nil), false, Refusal{Code: "http_401"}},
		{Teams, chattest.Answer(404, nil), false, Refusal{Code: "http_404"}},
		{Teams, chattest.Answer(413, nil), false, Refusal{Code: "http_413", Final: true}},
		{Teams, chattest.Answer(429, nil, "Retry-After", "5"), false, Refusal{Code: "http_429", TooFast: true, After: 5 * time.Second}},
		{Teams, chattest.Answer(200, nil), true, Refusal{Code: "unsupported", Final: true}},
	} {
		all := stages()
		s := all[slices.IndexFunc(all, func(s stage) bool { return s.name == c.product })]
		s.set.Fail(func(string) *http.Response { return c.answer })
		var err error
		if c.edit {
			err = s.room.Edit(t.Context(), "1", card())
		} else {
			_, err = s.room.Post(t.Context(), card(), "")
		}
		var got *Refusal
		if !errors.As(err, &got) {
			t.Errorf("%s %s: %v", c.product, c.want.Code, err)
			continue
		}
		plain := *got
		plain.Advice = ""
		if plain != c.want {
			t.Errorf("%s: %+v, want %+v", c.product, plain, c.want)
		}
	}
}

// TestNoLinks: an alert's title is no link in a Mattermost, whatever the host looks like.
func TestNoLinks(t *testing.T) {
	for _, text := range []string{"see http://2130706433/ now", "HTTPS://intranet", "https://evil%2Eexample/x"} {
		if got := escapeMarkdown(text); strings.Contains(got, "://") || strings.ReplaceAll(strings.ReplaceAll(got, "\u200b", ""), "\\", "") != text {
			t.Errorf("%q", got)
		}
	}
}

type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

// TestNoAnswer: what is told of it has neither the address nor the token.
func TestNoAnswer(t *testing.T) {
	for _, err := range []error{context.DeadlineExceeded, errors.New("broken")} {
		room := NewTeams(TeamsConfig{URL: "https://flow.example.net/x?sig=hush", HTTP: broken{err}})
		_, got := room.Post(t.Context(), card(), "")
		if got == nil || strings.Contains(got.Error(), "hush") || strings.Contains(got.Error(), "flow.example") {
			t.Errorf("%v: %v", err, got)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		most int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"ééé", 2, "é…"}, {"", 1, ""}, {"ab", 1, "…"}} {
		if got := cut(c.in, c.most); got != c.want {
			t.Errorf("cut(%q, %d) = %q", c.in, c.most, got)
		}
	}
}
