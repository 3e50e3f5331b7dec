package config

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/webpush"
)

// Push is how pushes are sent. At least one of FCM and Web is set.
type Push struct {
	FCM *FCM     // nil: none
	Web *WebPush // nil: none
}

// FCM is a Firebase project.
type FCM struct {
	Credentials Secret // the service account's JSON
	Endpoint    string // empty: the provider's own
}

// WebPush is pushes to browsers, with keys that the daemon makes itself.
type WebPush struct {
	Subject string   // who we are to push services: a mailto: or https: address
	Allow   []string // origins of push services besides the known ones
}

// push reads how pushes are sent. public is server.public_url. It names us to
// push services if nothing else does. A push to browsers needs nothing else,
// so browsers get pushes whenever public leads somewhere.
func (r *reader) push(v value, public string) *Push {
	r.pushed = v.given()
	t := v.table()
	p := &Push{FCM: t.get("fcm").fcm(), Web: t.get("web").webPush(public)}
	allow := t.get("allow")
	for _, item := range allow.list() {
		if origin, ok := item.pushOrigin(); ok && p.Web != nil {
			p.Web.Allow = append(p.Web.Allow, origin)
		}
	}
	t.refuse("browsers are push.web, and Apple's phones are reached by it", "webpush", "apns")
	t.done()
	if p.FCM == nil && p.Web == nil {
		if v.given() && !t.child("web").given() {
			v.errorf("nothing to push by: fcm, or web with a subject, or a server.public_url of https, whose name is one on the internet")
		}
		return nil
	}
	if p.Web == nil && allow.given() {
		allow.errorf("it is of push.web, which is off")
	}
	r.channels = append(r.channels, paging.WayPush)
	return p
}

// counted are the channels that warnings count on. A push that nobody has
// asked for is not among them: there may not be a single device. Nor is mail,
// which wakes nobody.
func (r *reader) counted() []string {
	return slices.DeleteFunc(slices.Clone(r.channels), func(channel string) bool {
		return channel == paging.WayPush && !r.pushed || channel == paging.WayMail
	})
}

// peek is a text that is read and checked elsewhere.
func (v value) peek() string {
	if v.n == nil || v.n.kind != scalar {
		return ""
	}
	aside := v
	aside.quiet = true
	text, _ := aside.expand(v.n.text)
	return strings.TrimRight(text, "/")
}

func (v value) fcm() *FCM {
	if !v.given() {
		return nil
	}
	t := v.table()
	f := &FCM{
		Credentials: t.secret("credentials"),
		Endpoint:    strings.TrimRight(t.get("endpoint").address(), "/"),
	}
	if text := f.Credentials.Reveal(); text != "" {
		account := map[string]any{}
		if json.Unmarshal([]byte(text), &account) != nil {
			at := t.child("credentials_file")
			if !at.given() {
				at = t.child("credentials")
			}
			at.errorf("not the JSON of a service account")
		}
	}
	t.done()
	return f
}

// webPush reads push.web: false, true, or a text that names us to push
// services.
func (v value) webPush(public string) *WebPush {
	otherwise := ""
	if webpush.CheckSubject(public) == nil {
		otherwise = public
	}
	if v.n != nil && v.n.kind == scalar && v.n.tag == "!!bool" {
		if !v.flag(true) {
			return nil
		}
		return v.subjectOf(value{r: v.r, path: join(v.path, "subject"), file: v.file, line: v.line, quiet: v.quiet}, otherwise)
	}
	t := v.table()
	subject := t.get("subject")
	t.done()
	if !v.given() && otherwise == "" {
		return nil
	}
	return v.subjectOf(subject, otherwise)
}

// subjectOf reads the text that names us to push services.
func (v value) subjectOf(subject value, otherwise string) *WebPush {
	subject.note(noteType, "mailto: or https address")
	subject.note(noteDefault, "server.public_url")
	if !subject.given() {
		if otherwise == "" {
			subject.errorf("who push services may ask wanted, such as mailto:ops@example.net: server.public_url is no https address on the internet, which would stand for it")
		}
		return &WebPush{Subject: otherwise}
	}
	text, ok := subject.text()
	if ok {
		if err := webpush.CheckSubject(text); err != nil {
			subject.errorf("%v", err)
		}
	}
	return &WebPush{Subject: text}
}

// pushOrigin reads the origin of a push service.
func (v value) pushOrigin() (string, bool) {
	v.note(noteType, "origin of a push service")
	text, ok := v.text()
	if !ok {
		return "", false
	}
	origin, err := webpush.CheckAllowed(text)
	if err != nil {
		v.errorf("%v", err)
		return "", false
	}
	return origin, true
}
