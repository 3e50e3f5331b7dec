package zabbixtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// longest is how long one request may take.
const longest = time.Minute

// Call calls a method of the API as Admin. The result goes into into, unless
// that is nil.
func (s *Server) Call(tb testing.TB, method string, params, into any) {
	tb.Helper()
	s.CallAs(tb, s.Admin, method, params, into)
}

// CallAs is Call by another's session, or by a token.
func (s *Server) CallAs(tb testing.TB, session, method string, params, into any) {
	tb.Helper()
	if err := s.call(method, params, into, session); err != nil {
		tb.Fatalf("zabbixtest: %v", err)
	}
}

// SignIn signs a user in, and returns the session.
func (s *Server) SignIn(tb testing.TB, username, password string) (session string) {
	tb.Helper()
	if err := s.call("user.login", map[string]string{"username": username, "password": password}, &session, ""); err != nil {
		tb.Fatalf("zabbixtest: %v", err)
	}
	return session
}

// call is a request of JSON-RPC. Zabbix 6.0 wants the session in the body.
func (s *Server) call(method string, params, into any, session string) error {
	request := map[string]any{"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
	if session != "" {
		request["auth"] = session
	}
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	req.Header.Set("Content-Type", "application/json-rpc")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	var answer struct {
		Result json.RawMessage
		Error  *struct{ Message, Data string }
	}
	switch err := json.Unmarshal(text, &answer); {
	case err != nil:
		return fmt.Errorf("%s: %s: %w: %.400s", method, resp.Status, err, text)
	case answer.Error != nil:
		return fmt.Errorf("%s: %s %s", method, answer.Error.Message, answer.Error.Data)
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(answer.Result, into); err != nil {
		return fmt.Errorf("%s: %w: %.400s", method, err, answer.Result)
	}
	return nil
}

// Send sends a value of a trapper item, as the program zabbix_sender does. It
// waits until the server knows the item.
func (s *Server) Send(tb testing.TB, host, key, value string) {
	tb.Helper()
	Await(tb, "the server to take a value of "+key, func() error {
		var said string
		if err := s.send(host, key, value, &said); err != nil {
			return err
		}
		if !strings.Contains(said, "processed: 1;") {
			return errors.New(said)
		}
		return nil
	})
}

// send is one request to the trapper: a head of five bytes, the length in
// eight, and JSON (the manual's appendix "Zabbix protocols").
func (s *Server) send(host, key, value string, said *string) error {
	body, err := json.Marshal(map[string]any{"request": "sender data", "data": []any{map[string]string{"host": host, "key": key, "value": value}}})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.trapper)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ended := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer ended()
	head := binary.LittleEndian.AppendUint64([]byte("ZBXD\x01"), uint64(len(body)))
	if _, err := conn.Write(append(head, body...)); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return err
	}
	var told struct{ Response, Info string }
	if len(answer) < len(head) {
		return fmt.Errorf("the trapper answered %q", answer)
	}
	if err := json.Unmarshal(answer[len(head):], &told); err != nil {
		return fmt.Errorf("the trapper answered %q: %w", answer, err)
	}
	if said != nil {
		*said = told.Info
	}
	return nil
}
