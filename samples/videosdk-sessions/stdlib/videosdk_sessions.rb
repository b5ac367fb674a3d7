# frozen_string_literal: true

# List Video SDK sessions with a JSON Web Token that this program creates.
#
# Install: nothing beyond Ruby 3.1 or later
# Set:     ZOOM_VIDEO_SDK_KEY and ZOOM_VIDEO_SDK_SECRET
# Run:     ruby videosdk_sessions.rb

require 'json'
require 'net/http'
require 'openssl'

def credential(name)
  value = ENV.fetch(name, '')
  abort "Set the environment variable #{name}." if value.empty?
  value
end

sdk_key = credential('ZOOM_VIDEO_SDK_KEY')
sdk_secret = credential('ZOOM_VIDEO_SDK_SECRET')

def base64url(data)
  [data].pack('m0').tr('+/', '-_').delete('=')
end

now = Time.now.to_i
header = { alg: 'HS256', typ: 'JWT' }
claims = {
  iss: sdk_key,
  iat: now,
  exp: now + 1800
}
signing_input = [header, claims].map { |part| base64url(part.to_json) }.join('.')
signature = OpenSSL::HMAC.digest('SHA256', sdk_secret, signing_input)
token = "#{signing_input}.#{base64url(signature)}"

uri = URI('https://api.zoom.us/v2/videosdk/sessions?type=past&session_name=Q%26A%20at%20the%20caf%C3%A9')
request = Net::HTTP::Get.new(uri)
request['Authorization'] = "Bearer #{token}"
request['Accept'] = 'application/json'
# By default, Net::HTTP retries after a timeout, and accepts half of an answer.
options = { use_ssl: true, open_timeout: 10, read_timeout: 10, max_retries: 0, ignore_eof: false }
begin
  response = Net::HTTP.start(uri.host, uri.port, options) { |http| http.request(request) }
rescue StandardError => e
  abort "No answer from #{uri.host}: #{e.message}"
end

abort "HTTP #{response.code}: #{response.body}" unless response.code == '200'
puts response.body
