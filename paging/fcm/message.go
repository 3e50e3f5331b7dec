package fcm

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"firebase.google.com/go/v4/messaging"

	"github.com/astreinte/astreinte/paging"
)

// TTL is how long FCM keeps a push for a phone that is off or away. A later
// push would wake somebody for nothing: the page is repeated while it is
// wanted.
const TTL = paging.PageLife

// FCM takes 4096 bytes of notification and data. A title that a monitoring
// tool made may be longer. What does not fit is cut, because a push that is
// too big reaches nobody.
const (
	maxTitle = 256
	maxBody  = 1024
)

// push is a page as FCM takes it: loud and at once on every platform, whatever
// the device's is. now is when it is sent.
func push(m paging.Message, now time.Time) *messaging.Message {
	ttl := TTL
	return &messaging.Message{
		Token:        m.To,
		Data:         m.Data,
		Notification: &messaging.Notification{Title: cut(m.Title, maxTitle), Body: cut(m.Body, maxBody)},
		Android: &messaging.AndroidConfig{
			Priority: "high",
			TTL:      &ttl,
			Notification: &messaging.AndroidNotification{
				Priority:              messaging.PriorityMax,
				DefaultSound:          true,
				DefaultVibrateTimings: true,
			},
		},
		APNS: &messaging.APNSConfig{
			Headers: map[string]string{
				"apns-push-type":  "alert",
				"apns-priority":   "10",
				"apns-expiration": strconv.FormatInt(now.Add(TTL).Unix(), 10),
			},
			Payload: &messaging.APNSPayload{Aps: &messaging.Aps{
				Sound:      "default",
				CustomData: map[string]any{"interruption-level": "time-sensitive"},
			}},
		},
		Webpush: &messaging.WebpushConfig{
			Headers:    map[string]string{"Urgency": "high", "TTL": strconv.Itoa(int(TTL / time.Second))},
			FCMOptions: webLink(m.Data["link"]),
		},
	}
}

// webLink is what a click in a browser opens; FCM takes https alone.
func webLink(link string) *messaging.WebpushFCMOptions {
	if !strings.HasPrefix(link, "https://") {
		return nil
	}
	return &messaging.WebpushFCMOptions{Link: link}
}

// cut shortens s to at most most bytes, in whole characters.
func cut(s string, most int) string {
	const more = "…"
	if len(s) <= most {
		return s
	}
	end := most - len(more)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}
