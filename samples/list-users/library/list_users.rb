# frozen_string_literal: true

# List users with a JSON Web Token that this program creates.
#
# Install: Ruby 3.1 or later; gem install jwt
# Set:     ZOOM_API_KEY and ZOOM_API_SECRET
# Run:     ruby list_users.rb

require 'jwt'
require 'net/http'

def credential(name)
  value = ENV.fetch(name, '')
  abort "Set the environment variable #{name}." if value.empty?
  value
end

api_key = credential('ZOOM_API_KEY')
api_secret = credential('ZOOM_API_SECRET')

now = Time.now.to_i
claims = {
  iss: api_key,
  iat: now,
  exp: now + 3600
}
token = JWT.encode(claims, api_secret, 'HS256', { typ: 'JWT' })

uri = URI('https://api.zoom.us/v2/users?status=active')
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
