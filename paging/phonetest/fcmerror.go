package phonetest

import (
	"errors"
	"net/http"
)

const (
	fcmErrorType   = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
	badRequestType = "type.googleapis.com/google.rpc.BadRequest"
)

// fcmFailure is how one of FCM's error codes looks on the wire.
type fcmFailure struct {
	http    int
	status  string // the canonical code of google.rpc
	message string
}

// fcmFailures are the codes of FCM's ErrorCode reference, and two that the
// gateway before it gives, which are not FCM's.
var fcmFailures = map[string]fcmFailure{
	"INVALID_ARGUMENT":       {http.StatusBadRequest, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"},
	"UNREGISTERED":           {http.StatusNotFound, "NOT_FOUND", "Requested entity was not found."},
	"SENDER_ID_MISMATCH":     {http.StatusForbidden, "PERMISSION_DENIED", "SenderId mismatch"},
	"QUOTA_EXCEEDED":         {http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Messages sent'"},
	"UNAVAILABLE":            {http.StatusServiceUnavailable, "UNAVAILABLE", "The service is currently unavailable."},
	"INTERNAL":               {http.StatusInternalServerError, "INTERNAL", "Internal error encountered."},
	"THIRD_PARTY_AUTH_ERROR": {http.StatusUnauthorized, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"},
	"UNAUTHENTICATED":        {http.StatusUnauthorized, "UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential."},
	"PERMISSION_DENIED":      {http.StatusForbidden, "PERMISSION_DENIED", "Permission 'cloudmessaging.messages.create' denied on resource (or it may not exist)."},
}

// said is an error in a provider's own words.
type said string

func (s said) Error() string { return string(s) }

type fcmErrorBody struct {
	Error struct {
		Code    int         `json:"code"`
		Message string      `json:"message"`
		Status  string      `json:"status"`
		Details []fcmDetail `json:"details,omitempty"`
	} `json:"error"`
}

type fcmDetail struct {
	Type            string         `json:"@type"`
	ErrorCode       string         `json:"errorCode,omitempty"`
	FieldViolations []fcmViolation `json:"fieldViolations,omitempty"`
}

type fcmViolation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// fcmError is FCM's error of that code; status 0 is the code's own. The
// reference calls a code that it does not know UNSPECIFIED_ERROR.
func fcmError(status int, code string) answer {
	failure, known := fcmFailures[code]
	if !known {
		failure = fcmFailure{http.StatusInternalServerError, "UNKNOWN", "Unknown error."}
		code = "UNSPECIFIED_ERROR"
	}
	if status != 0 {
		failure.http = status
	}
	var details []fcmDetail
	if code != "UNAUTHENTICATED" && code != "PERMISSION_DENIED" {
		details = []fcmDetail{{Type: fcmErrorType, ErrorCode: code}}
	}
	return failure.answer(code, details)
}

// badFCM is the 400 for a request that is wrong in itself. It names the field
// that does not fit the description, or has FCM's own code.
func badFCM(err error) answer {
	failure := fcmFailures["INVALID_ARGUMENT"]
	failure.message = err.Error()
	detail := fcmDetail{Type: fcmErrorType, ErrorCode: "INVALID_ARGUMENT"}
	var field fieldError
	if errors.As(err, &field) {
		failure.message = field.description
		detail = fcmDetail{Type: badRequestType, FieldViolations: []fcmViolation{{field.field, field.description}}}
	}
	return failure.answer("INVALID_ARGUMENT", []fcmDetail{detail})
}

func (f fcmFailure) answer(code string, details []fcmDetail) answer {
	var body fcmErrorBody
	body.Error.Code = f.http
	body.Error.Message = f.message
	body.Error.Status = f.status
	body.Error.Details = details
	a := jsonAnswer(f.http, body)
	a.code = code
	return a
}
