//===- MessageJson.cpp - Messages and answers as JSON ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "runtime/repl/MessageJson.h"

namespace sinter {

using Json = nlohmann::ordered_json;

Result<ChatMessage> readMessage(Json json) {
  if (!json.is_object())
    return Failure(std::string("a message: expected an object, found ") +
                   json.type_name());
  auto role = json.find("role");
  if (role == json.end() || !role->is_string())
    return Failure("a message: expected \"role\", a text");
  auto content = json.find("content");
  if (content != json.end() && !content->is_string() && !content->is_null() &&
      !content->is_array())
    return Failure(std::string("a message: expected \"content\" to be a text "
                               "or a list of parts, found ") +
                   content->type_name());
  ChatMessage message;
  message.role = role->get<std::string>();
  if (content != json.end() && content->is_string()) {
    message.content = content->get<std::string>();
    json.erase("content");
  }
  json.erase("role");
  if (!json.empty())
    message.extra = std::move(json);
  return message;
}

std::string toJson(const ChatMessage &message) {
  Json json = {{"role", message.role}};
  if (message.content)
    json["content"] = *message.content;
  if (message.extra.is_object())
    json.update(message.extra);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace sinter
