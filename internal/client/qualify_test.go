package client

import (
	"errors"
	"net/http"
	"testing"
)

// TestQualify sends the ETag and the fields as the API has them.
func TestQualify(t *testing.T) {
	c, got := answering(t, http.StatusOK, "application/json", `{"number": "I1", "contact": "c-17", "requester": {"name": "Marc", "phone": "+33"}, "custom": {"rack": "A3"}}`)
	fields := Fields{}
	for _, one := range [][2]string{{"impact", "several"}, {"domain", ""}, {"contact.name", "Marc"}, {"contact.phone", ""}, {"custom.rack", "A3"}, {"custom.floor", ""}} {
		fields.Set(one[0], one[1])
	}
	tk, err := c.Qualify(t.Context(), "I1", `"3-major"`, fields)
	if err != nil || tk.Contact.String() != "c-17" || tk.Requester.String() != "Marc, +33" || tk.Custom["rack"] != "A3" {
		t.Errorf("%+v, %v", tk, err)
	}
	want := `{"contact":{"name":"Marc","phone":""},"custom":{"floor":null,"rack":"A3"},"domain":null,"impact":"several"}`
	if got.method != http.MethodPatch || got.path != "/pager/api/v1/tickets/I1" || got.header.Get("If-Match") != `"3-major"` || got.body != want {
		t.Errorf("%s %s %v\n%s", got.method, got.path, got.header, got.body)
	}
}

// TestOvertaken keeps the API's words.
func TestOvertaken(t *testing.T) {
	c, _ := answering(t, http.StatusPreconditionFailed, "application/json", `{"error": {"code": "overtaken", "message": "ticket I1 has changed since it was read: impact by bruno"}}`)
	_, err := c.Qualify(t.Context(), "I1", "*", Fields{})
	var refused *Error
	if !errors.As(err, &refused) || refused.Status != http.StatusPreconditionFailed || refused.Code != "overtaken" {
		t.Errorf("%v", err)
	}
}
