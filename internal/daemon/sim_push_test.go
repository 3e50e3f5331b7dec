package daemon

import (
	"context"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// byWeb says whether pushes of a world go to browsers. Elsewhere they go to apps.
func (s *sim) byWeb() bool { return s.seed%3 == 0 }

// pushBy is how a configuration pushes.
func (s *sim) pushBy() string {
	if s.byWeb() {
		return `{web: {subject: "mailto:ops@example.net"}, allow: ["https://phones.test"]}`
	}
	return `{fcm: {credentials_file: firebase.json}}`
}

// equips gives somebody a device that takes pushes.
func (s *sim) equips(p *simPerson) {
	p.device, p.push = true, "device-of-"+p.key
	d := paging.Device{Person: p.key, Token: p.push, Platform: "android", At: time.Now()}
	if s.byWeb() {
		p.sub = p.phones[0].Subscribe("")
		p.push = p.sub.Endpoint
		d.Token, d.Platform = "", "web"
		d.Push = &paging.Subscription{Endpoint: p.push, P256dh: p.sub.Keys.P256dh, Auth: p.sub.Keys.Auth}
		if s.roll("silent browser/"+p.key) < 0.3 {
			p.phones[0].Silence(p.sub)
		}
	} else {
		p.phones[0].Register(p.push)
	}
	if _, err := s.memory.PutDevice(context.Background(), d); err != nil {
		s.t.Fatal(err)
	}
}

// loses removes the app that takes somebody's pushes.
func (s *sim) loses(p *simPerson) {
	if s.byWeb() {
		p.phones[0].Unsubscribe(p.sub)
	} else {
		p.phones[0].Unregister(p.push)
	}
}

// pushTo is where somebody's pushes go. If there is no device, it is a name
// that nobody has.
func (s *sim) pushTo(person string) string {
	if p := s.person(person); p != nil && p.device {
		return p.push
	}
	return "no device of " + person
}

// pushFault is a fault in the form that the world's push service knows.
func (s *sim) pushFault(f phonetest.Fault) phonetest.Fault {
	if !s.byWeb() {
		return f
	}
	switch f.FCM {
	case "UNREGISTERED":
		f.FCM, f.Status = "", http.StatusGone
	case "QUOTA_EXCEEDED":
		f.FCM, f.Status = "", http.StatusTooManyRequests
	}
	return f
}
