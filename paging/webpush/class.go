package webpush

import (
	"encoding/json"
	"net/http"

	"github.com/astreinte/astreinte/paging"
)

// classes is what a push service's answer says of a page, by its status (RFC 8030,
// 5 and 8; docs/OPERATIONS.md#answers-of-push-services). One that is not here is sorted by
// byStatus.
var classes = map[int]paging.Class{
	// The request is wrong in itself: this subscription gets no push from us, others
	// may.
	http.StatusBadRequest: paging.DeadAddress,
	// Our keys, or the subject that we name: the administrator's.
	http.StatusUnauthorized: paging.DeadAccount,
	http.StatusForbidden:    paging.DeadAccount,
	// The subscription is gone.
	http.StatusNotFound: paging.DeadAddress,
	http.StatusGone:     paging.DeadAddress,
	// This text is too long.
	http.StatusRequestEntityTooLarge: paging.Filtered,
	// Not taken.
	http.StatusRequestTimeout:  paging.Transient,
	http.StatusConflict:        paging.Transient,
	http.StatusTooEarly:        paging.Transient,
	http.StatusTooManyRequests: paging.Transient,
}

// ours are reasons of a 400 that are no subscription's fault but ours: of Apple's push
// service, and of Google's, which answers so if it cannot read our token.
var ours = map[string]bool{
	"BadJwtToken": true, "ExpiredJwtToken": true, "BadAuthorizationHeader": true, "BadWebPushTopic": true, "BadTtl": true, "BadUrgency": true,
	"UnauthorizedRegistration": true,
}

func classOf(status int, reason string) paging.Class {
	if status == http.StatusBadRequest && ours[reason] {
		return paging.DeadAccount
	}
	if class, known := classes[status]; known {
		return class
	}
	switch {
	case status >= 500:
		return paging.Transient
	case status >= 400:
		return paging.DeadAddress
	case status >= 300:
		return paging.DeadAccount // no push service moves its endpoints, and we follow nobody
	case status >= 200:
		return paging.Accepted
	}
	return paging.OutcomeUnknown
}

// gone says whether the subscription may be forgotten.
func gone(status int) bool { return status == http.StatusNotFound || status == http.StatusGone }

// said is what a push service says of a refusal: its reason in a word, as Apple's
// does, and its words.
func said(body []byte) (reason, words string) {
	var raw struct {
		Reason  string `json:"reason"`  // Apple
		Message string `json:"message"` // Mozilla
		Error   string `json:"error"`
	}
	if json.Unmarshal(body, &raw) != nil {
		return plain(string(body)), string(body)
	}
	for _, words := range []string{raw.Reason, raw.Message, raw.Error} {
		if words != "" {
			return raw.Reason, words
		}
	}
	return "", string(body)
}

// plain is a body that is one of the reasons itself, as Google's is.
func plain(body string) string {
	for reason := range ours {
		if len(body) < 2*len(reason) && len(body) >= len(reason) && body[:len(reason)] == reason {
			return reason
		}
	}
	return ""
}
