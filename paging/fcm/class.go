package fcm

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// codes says what FCM's and Google's error codes mean for a page
// (docs/OPERATIONS.md#fcms-errors). INVALID_ARGUMENT is not among them: it
// needs a second look (argument).
var codes = map[string]paging.Class{
	// We can send nothing to this token.
	"UNREGISTERED":       paging.DeadAddress,
	"SENDER_ID_MISMATCH": paging.DeadAddress, // the token is another project's; it is kept, because our project may be the wrong one

	// The token does not matter: it is our credentials, our project, or a bug of
	// ours.
	"THIRD_PARTY_AUTH_ERROR": paging.DeadAccount, // the project's key for Apple or the browsers
	"APNS_AUTH_ERROR":        paging.DeadAccount,
	"UNAUTHENTICATED":        paging.DeadAccount, // a new access token was refused too
	"PERMISSION_DENIED":      paging.DeadAccount,
	"NOT_FOUND":              paging.DeadAccount,
	"FAILED_PRECONDITION":    paging.DeadAccount,

	// FCM did not take the push.
	"QUOTA_EXCEEDED":     paging.Transient,
	"RESOURCE_EXHAUSTED": paging.Transient,
	"UNAVAILABLE":        paging.Transient,
	"INTERNAL":           paging.Transient,
	"ABORTED":            paging.Transient,
}

// thirdParty reports whether Apple or a browser's push service refuses the
// project. Otherwise Google refuses the access token.
func (a answer) thirdParty() bool {
	return a.code == "THIRD_PARTY_AUTH_ERROR" || a.code == "APNS_AUTH_ERROR"
}

// quotaPause is the shortest pause after a quota is used up, if FCM names
// none.
const quotaPause = time.Minute

// answer is what an error body says: the code to judge by, the words, and
// whether it is about the token.
type answer struct {
	code     string // FCM's own; otherwise Google's; otherwise empty
	message  string
	argument argument
}

// argument is what an INVALID_ARGUMENT is about.
type argument int

const (
	argumentUnknown argument = iota // FCM refused the message and did not say why
	argumentToken                   // the token is no token
	argumentOurs                    // a field, or the whole request: a bug of ours
)

// readAnswer reads an error body: first FCM's code in the details, then
// Google's status. The SDK's own predicates know only the first, and not the
// fields. For a 503 the SDK shows no error at all.
func readAnswer(body []byte) answer {
	var raw struct {
		Error struct {
			Message string `json:"message"`
			Status  string `json:"status"`
			Details []struct {
				Type       string `json:"@type"`
				ErrorCode  string `json:"errorCode"`
				Violations []struct {
					Field string `json:"field"`
				} `json:"fieldViolations"`
			} `json:"details"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &raw) != nil {
		return answer{message: string(body)} // it is a proxy's page
	}
	a := answer{code: raw.Error.Status, message: raw.Error.Message}
	var judged, fields, token bool
	for _, d := range raw.Error.Details {
		if strings.HasSuffix(d.Type, "google.firebase.fcm.v1.FcmError") && d.ErrorCode != "" {
			judged, a.code = true, d.ErrorCode
		}
		for _, v := range d.Violations {
			fields = true
			token = token || v.Field == "message.token"
		}
	}
	named := strings.Contains(strings.ToLower(a.message), "registration token")
	switch {
	case token, judged && !fields && named:
		a.argument = argumentToken
	case fields, !judged:
		a.argument = argumentOurs
	}
	return a
}

// classify sorts a refusal. gone says that the token may be forgotten: it was
// unregistered, or is no token. If the table does not have the code, the HTTP
// status counts. 429 and 5xx are Transient. 401, 403, 404 and redirects are
// DeadAccount: they depend on us, not on the token. Any other 4xx is
// DeadAddress: the same request would be refused again, the person's other
// devices are still tried, and the token is kept.
func (a answer) classify(status int) (class paging.Class, gone bool) {
	if a.code == "INVALID_ARGUMENT" {
		if a.argument == argumentOurs {
			return paging.DeadAccount, false
		}
		return paging.DeadAddress, a.argument == argumentToken
	}
	if class, known := codes[a.code]; known {
		return class, a.code == "UNREGISTERED"
	}
	return byStatus(status), false
}

// tooFast reports whether FCM works but is asked too often, by whichever of
// its codes.
func (a answer) tooFast(status int) bool {
	return status == http.StatusTooManyRequests || a.code == "QUOTA_EXCEEDED" || a.code == "RESOURCE_EXHAUSTED"
}

// known reports whether we know the code as one of FCM's.
func (a answer) known() bool {
	_, listed := codes[a.code]
	return listed || a.code == "INVALID_ARGUMENT"
}

func byStatus(status int) paging.Class {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return paging.Transient
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return paging.DeadAccount
	}
	switch {
	case status >= 500:
		return paging.Transient
	case status >= 400:
		return paging.DeadAddress
	case status >= 300:
		return paging.DeadAccount
	}
	return paging.OutcomeUnknown // 1xx and 2xx are no refusal
}
