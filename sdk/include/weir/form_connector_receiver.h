// FormConnectorReceiver: takes the deliveries of the platform's REST form connector, which spend no
// call, for any web server.
//
// It keeps an entry durably before it answers, and hands it to the handler of FormEntries::poll(),
// which then needs to look only as a safety net. An entry that comes twice, by connector or poll,
// is handed over once. Who delivers is told by the integration key in the payload, compared in
// constant time; serve it over TLS. Safe to use from several threads at once; must not outlive its
// Client.
//
//   weir::FormConnectorReceiver receiver(client->form_entries("INSPECTION"));
//   server.Post("/entries", [&](const auto& in, auto& out) {
//     const weir::ConnectorAnswer answer = receiver.handle({.body = in.body});
//     out.status = answer.status;
//     out.set_content(answer.body, "application/json");
//   });
#pragma once

#include <weir/export.h>
#include <weir/form_entries.h>

#include <string>
#include <utility>

namespace weir::inline v0 {

struct ConnectorRequest {
  std::string method = "POST";
  std::string body = {};
};

struct ConnectorAnswer {
  int status = 200;
  std::string body = "{}";
};

class WEIR_EXPORT FormConnectorReceiver {
 public:
  explicit FormConnectorReceiver(FormEntries entries) : entries_(std::move(entries)) {}

  // 200: kept, or known already. 400: not a delivery. 401: not from our organization. 405: not a
  // POST. 413: too large. 503: it could not be kept; the platform delivers it again. Takes as long
  // as one durable write.
  ConnectorAnswer handle(const ConnectorRequest& request);

 private:
  FormEntries entries_;
};

}  // namespace weir::inline v0
